package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
)

// quickTuning makes tune measure small products.
func quickTuning(t *testing.T) {
	axes := tuneAxes
	t.Cleanup(func() { tuneAxes = axes })
	tuneAxes = nil
	for _, a := range axes {
		a.products = []product{{"NN", 64, 70, 80, ""}, {"TN", 9, 8, 7, ""}}
		tuneAxes = append(tuneAxes, a)
	}
}

func TestTuneKeepsWhatItChooses(t *testing.T) {
	hideCIFAR10(t)
	quickTuning(t)
	t.Setenv("LANES_TUNING", "")
	t.Setenv("LANES_LEVEL", "")
	code, out, talk := lanes("tune", "--time", "0.01", "--threads", "1", "--json")
	require.Zero(t, code, talk)
	require.Empty(t, talk)
	o := decode(t, out)
	path, err := kernels.TuningFile()
	require.NoError(t, err)
	require.Equal(t, path, o["file"])
	require.Equal(t, 1.0, o["threads"])
	found := o["tuned"].([]any)
	require.Len(t, found, 2*(len(kernels.Levels())-1))
	for _, one := range found {
		one := one.(map[string]any)
		if one["chosen"].(map[string]any)["kc"] == one["model"].(map[string]any)["kc"] {
			continue
		}
		require.GreaterOrEqual(t, one["gain"], leastGain)
	}

	// Another process reads the file, and finds nothing wrong with it.
	require.Equal(t, path, decode(t, anotherProcess(t, "info", "--json"))["tuning"])
	require.Equal(t, []string{"tuning.json"}, entries(t, filepath.Dir(path)))

	code, out, talk = lanes("tune", "--time", "0.01")
	require.Zero(t, code, talk)
	require.Regexp(t, `kept in .*tuning\.json\n$`, out)
}

func TestTuneLeavesToTheModelWhatItDidNotBeat(t *testing.T) {
	model, other := kernels.Blocking{KC: 384}, kernels.Blocking{KC: 256}
	r := tuning{Tuned: []tuned{{"avx2/float32", model, other, 1.1}, {"avx2/float64", model, model, 1}}}
	require.Equal(t, kernels.Tuning{
		Processor: kernels.ThisProcessor(), Blockings: map[string]kernels.Blocking{"avx2/float32": other},
	}, r.content())
	var out strings.Builder
	require.NoError(t, r.print(&out))
	require.Regexp(t, `avx2/float32 +kc 256 .* 10\.0% faster than the model's
avx2/float64 +kc 384 .* the model's
kept in`, out.String())
}

func TestTuneSaysWhereItCannotWrite(t *testing.T) {
	hideCIFAR10(t)
	quickTuning(t)
	path, err := kernels.TuningFile()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Dir(path)), 0o777))
	require.NoError(t, os.WriteFile(filepath.Dir(path), nil, 0o666)) // in the folder's place
	code, out, talk := lanes("tune", "--time", "0.01")
	require.Equal(t, exitFailed, code)
	require.Empty(t, out)
	require.Contains(t, talk, filepath.Dir(path))
}

func TestTunePrefersWhatIsFasterByMoreThanNoise(t *testing.T) {
	for _, c := range []struct {
		speeds []float64
		want   int
	}{
		{[]float64{100}, 0},
		{[]float64{100, 90, 80}, 0},
		{[]float64{100, 100.9, 80}, 0},
		{[]float64{100, 101.1, 103, 102}, 2},
	} {
		require.Equal(t, c.want, fastest(c.speeds), "%v", c.speeds)
	}
}

// Each candidate changes the size of its axis, and a deeper block has fewer rows; some
// are out of range, and are left out with those that round to the same tiles.
func TestTuneTriesBlockingsInRange(t *testing.T) {
	model := kernels.Blocking{KC: 384, MC: 240, NC: 3072, Slab: 3 << 20, Loose: 3 << 18}
	for i, a := range tuneAxes {
		all := a.candidates(model)
		require.Equal(t, model, all[0])
		require.Len(t, all, 1+len(a.factors))
		for _, c := range all[1:] {
			require.NotEqual(t, *a.size(&model), *a.size(&c), a.name)
			if i > 0 {
				require.Equal(t, model.KC, c.KC)
			}
		}
	}
	deeper := tuneAxes[0].candidates(model)
	require.Equal(t, kernels.Blocking{KC: 192, MC: 240, NC: 3072, Slab: 3 << 20, Loose: 3 << 18}, deeper[1])
	require.Equal(t, kernels.Blocking{KC: 512, MC: 180, NC: 3072, Slab: 3 << 20, Loose: 3 << 18}, deeper[4])

	if kernels.Best() < kernels.AVX2 {
		t.Skip("no level to tune")
	}
	broken, same := model, model
	broken.KC = 0
	same.MC++
	engines, err := enginesOf[float32](kernels.AVX2, 3, []kernels.Blocking{model, broken, same})
	require.NoError(t, err)
	require.Len(t, engines, 1)
	require.Equal(t, 3, engines[0].Threads())
	_, err = enginesOf[float32](kernels.AVX2, 1, []kernels.Blocking{broken})
	require.ErrorContains(t, err, "kc is 0")
}
