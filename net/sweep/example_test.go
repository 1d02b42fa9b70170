package sweep_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/sweep"
)

// The toy problem is trained with three learning rates, two at a time.
func Example() {
	tmp, err := os.MkdirTemp("", "sweeps")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(tmp)
	rates, err := sweep.Preset("toy")
	if err != nil {
		log.Fatal(err)
	}
	rates.Axes = []string{"lr=log:1e-3:1e-1:3"}
	folder, err := sweep.Plan(filepath.Join(tmp, "rates"), rates)
	if err != nil {
		log.Fatal(err)
	}
	results, err := folder.Do(context.Background(), &sweep.Runner{
		Threads: 2, Jobs: 2,
		Data: func(string) (*data.Dataset, error) { return nil, nil }, // the toy problem's are fixed
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range results.Rows {
		fmt.Printf("learning rate %v, loss %.4f\n", r.Config.LR, *r.TrainLoss)
	}
	// Output:
	// learning rate 0.001, loss 1.1667
	// learning rate 0.01, loss 0.7063
	// learning rate 0.1, loss 0.0156
}
