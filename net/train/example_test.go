package train_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

// A run of 20 steps is kept in a folder, and goes on to 100.
func Example() {
	tmp, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	engine, err := kernels.New[float32]()
	if err != nil {
		log.Fatal(err)
	}
	config, err := train.Preset("toy")
	if err != nil {
		log.Fatal(err)
	}
	config.Iters = 20
	run, err := train.New(engine, config, nil)
	if err != nil {
		log.Fatal(err)
	}
	run.Folder, err = train.Create(filepath.Join(tmp, "toy"), config)
	if err != nil {
		log.Fatal(err)
	}
	result, err := run.Do(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("step %d, loss %.4f\n", run.Step, result.FinalLoss)

	config.Iters = 100
	run, err = train.Resume(engine, run.Folder, config, nil)
	if err != nil {
		log.Fatal(err)
	}
	result, err = run.Do(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("step %d, loss %.4f\n", run.Step, result.FinalLoss)
	// Output:
	// step 20, loss 0.0366
	// step 100, loss 0.0156
}
