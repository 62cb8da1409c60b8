module gobridge

go 1.19
