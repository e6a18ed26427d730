module example.com/workspace/store

go 1.26

require example.com/workspace/money v0.0.0

replace example.com/workspace/money => ../money
