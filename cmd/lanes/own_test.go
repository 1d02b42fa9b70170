package main

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/train"
)

func TestRunOnAProgramsOwnExamplesIsLeftToThatProgram(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	engine, err := kernels.New[float32]()
	require.NoError(t, err)
	config, err := train.Preset("report")
	require.NoError(t, err)
	config.Dataset, config.Iters = train.Own, 3
	rows := train.Rows(kernels.NewMat[float32](5, 2, nil), make([]int32, 5))
	r, err := train.NewOn(engine, config, train.Problem[float32]{Train: rows, Classes: []string{"a", "b"}})
	require.NoError(t, err)
	r.Folder, err = train.Create("run", config)
	require.NoError(t, err)
	_, err = r.Do(context.Background())
	require.NoError(t, err)

	for _, command := range []string{
		"eval run", "predict run cat.png", "export run -o run.npz", "summary run", "report run", "train --resume run",
	} {
		code, out, talk := lanes(strings.Fields(command)...)
		require.Equal(t, exitData, code, "%s: %s", command, talk)
		require.Empty(t, out)
		require.Equal(t, "lanes: run was trained by a program on its own examples, which only that program has\n", talk, command)
	}
	for _, command := range []string{"train --dataset own", "sweep --set dataset=own --set lr=1e-3,1e-2", "sweep --set dataset=own,synthetic"} {
		code, out, talk := lanes(strings.Fields(command)...)
		require.Equal(t, exitUsage, code, "%s: %s", command, talk)
		require.Empty(t, out)
		require.Contains(t, talk, "dataset")
	}
	require.Equal(t, []string{"run"}, entries(t, "."))
}
