module example.com/fleet/billing

go 1.26

require (
	example.com/fleet/lib v0.0.0
	github.com/shopspring/decimal v1.4.0
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	github.com/oklog/ulid/v2 v2.1.2 // indirect
	github.com/rs/zerolog v1.35.1 // indirect
	golang.org/x/sys v0.29.0 // indirect
)

replace example.com/fleet/lib => ../lib
