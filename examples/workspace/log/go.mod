module example.com/workspace/log

go 1.26
