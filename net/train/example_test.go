package train_test

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net"
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

// A program trains on rows of its own, keeps the run, opens it again and predicts.
func ExampleNewOn() {
	tmp, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	engine, err := kernels.New[float32]()
	if err != nil {
		log.Fatal(err)
	}

	// Points of the square -1 to 1, labelled by whether they lie in a circle.
	points := func(n int, seed uint64) train.Examples[float32] {
		rng := rand.New(rand.NewPCG(seed, 0))
		x, labels := kernels.NewMat[float32](n, 2, nil), make([]int32, n)
		for i := range n {
			row := x.Row(i)
			row[0], row[1] = 2*rng.Float32()-1, 2*rng.Float32()-1
			if row[0]*row[0]+row[1]*row[1] < 0.5 {
				labels[i] = 1
			}
		}
		return train.Rows(x, labels)
	}
	problem := train.Problem[float32]{Train: points(1000, 1), Val: points(200, 2), Classes: []string{"outside", "inside"}}

	config, err := train.Preset("report")
	if err != nil {
		log.Fatal(err)
	}
	config.Dataset, config.Hidden, config.Init = train.Own, []int{16}, "he"
	config.LR, config.LRDecay, config.Reg, config.Batch, config.Iters = 0.5, 1, 0, 50, 1000
	run, err := train.NewOn(engine, config, problem)
	if err != nil {
		log.Fatal(err)
	}
	run.Folder, err = train.Create(filepath.Join(tmp, "circle"), config)
	if err != nil {
		log.Fatal(err)
	}
	result, err := run.Do(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("validation accuracy above 0.95:", *result.ValAcc > 0.95)

	// Later, in another program: train.Open gives the folder, train.ResumeOn goes on.
	folder, err := train.Open(filepath.Join(tmp, "circle"))
	if err != nil {
		log.Fatal(err)
	}
	model, err := train.OpenModel(engine, folder.Checkpoint("best"))
	if err != nil {
		log.Fatal(err)
	}
	logits := model.Network.Logits(kernels.NewMat(2, 2, []float32{0.1, -0.2, 0.9, 0.9}))
	for i := range logits.Rows {
		fmt.Println(model.Classes[net.Argmax(logits.Row(i))])
	}
	// Output:
	// validation accuracy above 0.95: true
	// inside
	// outside
}
