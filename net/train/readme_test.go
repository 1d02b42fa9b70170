package train_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// The README shows this code, word for word.
func TestCodeOfTheReadmeTrainsOnATableAndPredicts(t *testing.T) {
	t.Chdir(t.TempDir())
	var table strings.Builder
	for i := range 100 {
		fmt.Fprintf(&table, "%d,%d,%s\n", i%2*10+i%3, i%7, []string{"setosa", "virginica"}[i%2])
	}
	require.NoError(t, os.WriteFile("iris.csv", []byte("length,width,species\n"+table.String()), 0o666))
	require.NoError(t, os.WriteFile("new.csv", []byte("length,width\n1,2\n11,2\n"), 0o666))
	ctx := context.Background()
	e, err := kernels.New[float32]()
	require.NoError(t, err)

	set, err := data.Open("iris.csv", data.DefaultOptions()) // or a data.Dataset of your own
	config, err := train.Preset("files")
	run, err := train.New(e, config, set)
	result, err := run.Do(ctx)
	p := run.Predictor(e) // or that of train.OpenModel; goroutines share it
	rows, err := data.ReadRaw("new.csv", &p.Input, data.DefaultOptions())
	probabilities, err := p.Predict(rows)

	require.NoError(t, err)
	require.NotNil(t, result)
	require.Greater(t, probabilities.At(0, 0), float32(0.5))
	require.Greater(t, probabilities.At(1, 1), float32(0.5))
}
