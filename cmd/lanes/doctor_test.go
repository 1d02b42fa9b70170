package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDoctorPrintsALineForEachFindingAndExitsByTheVerdict(t *testing.T) {
	code, out, talk := lanes("doctor", "--preset", "toy")
	require.Equal(t, exitFailed, code, talk)
	require.Regexp(t, `^wrong  inputs +inputs have a root mean square of 11\.1, want about 1: --normalize .*\nwell   balance `, out)
	require.Equal(t, "lanes: 1 check of 8 found something wrong\n", talk)

	code, out, talk = lanes("doctor", "--preset", "toy", "--json")
	require.Equal(t, exitFailed, code, talk)
	o := decode(t, out)
	require.Equal(t, 1.0, o["wrong"])
	require.Len(t, o["findings"], 8)

	code, out, talk = lanes("doctor", "--dataset", "synthetic", "--hidden", "20", "--init", "he", "--lr", "0.01")
	require.Equal(t, 0, code, out)
	require.Empty(t, talk)
	require.NotContains(t, out, "wrong")
}
