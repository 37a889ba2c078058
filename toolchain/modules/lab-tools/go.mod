module seamless.example/toolchain/lab-tools

go 1.26
