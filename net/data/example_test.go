package data_test

import (
	"fmt"
	"log"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
)

func Example() {
	engine, err := kernels.New[float32]()
	if err != nil {
		log.Fatal(err)
	}
	set := data.Synthetic(1)
	sampler := data.NewSampler(set.Train.Len(), 300, false, 7)
	p, err := data.NewPreprocessing(set, "symmetric")
	if err != nil {
		log.Fatal(err)
	}
	batch := data.NewBatch(engine, 300, p)
	for step := range 2 * sampler.StepsPerEpoch() {
		batch.Draw(set.Train, sampler.At(step))
		// Train on batch.X and batch.Labels.
	}
	fmt.Println(sampler.StepsPerEpoch(), "steps per epoch")
	fmt.Println(batch.X.Rows, "×", batch.X.Cols)
	// Output:
	// 30 steps per epoch
	// 300 × 3072
}
