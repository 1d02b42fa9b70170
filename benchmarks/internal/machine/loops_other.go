//go:build !amd64 || purego

package machine

import "github.com/lanes-ml/lanes/kernels"

func multiplyAdd[T kernels.Float](kernels.Level) (func(int), int) { return nil, 0 }

func loads(kernels.Level) (func(*byte, int), int) { return nil, 0 }
