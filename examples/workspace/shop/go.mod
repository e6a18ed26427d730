module example.com/workspace/shop

go 1.26

require (
	example.com/workspace/log v0.0.0
	example.com/workspace/store v0.0.0
)

replace (
	example.com/workspace/log => ../log
	example.com/workspace/money => ../money
	example.com/workspace/store => ../store
)

require example.com/workspace/money v0.0.0 // indirect
