module example.com/workspace/money

go 1.26
