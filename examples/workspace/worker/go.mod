module example.com/workspace/worker

go 1.26

require (
	example.com/workspace/log v0.0.0
	example.com/workspace/money v0.0.0
)

replace (
	example.com/workspace/log => ../log
	example.com/workspace/money => ../money
)
