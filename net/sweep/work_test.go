package sweep

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/net/train"
)

func TestWorkGrowsWithStepsAndWithTheNetwork(t *testing.T) {
	config, err := train.Preset("report")
	require.NoError(t, err)
	work := func(c train.Config) float64 { return Trial{Config: c}.Work(49_000) }
	one := work(config)
	require.InEpsilon(t, 3000*config.Network().StepFLOPs(300), one, 0.1) // scoring is little
	longer := config
	longer.Iters *= 2
	require.InEpsilon(t, 2*one, work(longer), 0.1)
	longer.Epochs, longer.Iters = 2*3000/163, 0
	require.InEpsilon(t, 2*one, work(longer), 0.1)
	wider := config
	wider.Hidden = []int{150}
	require.InEpsilon(t, 2*one, work(wider), 0.02)
	most := config
	most.Iters, most.Hidden = 1_000_000_000, []int{1_000_000_000}
	require.Greater(t, work(most), 1e9*one) // nothing overflows
}
