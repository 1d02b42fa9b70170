package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// A network of synthetic images that is well, but for what each row sets.
func TestDoctorNamesEachFaultAndWhatToChange(t *testing.T) {
	tables, rows := t.TempDir(), "a,b,class\n"
	for i := range 200 {
		rows += fmt.Sprintf("%d,%d,%c\n", i, i*i%7, "xy"[i/100])
	}
	for _, part := range []string{"train", "val"} {
		require.NoError(t, os.WriteFile(filepath.Join(tables, part+".csv"), []byte(rows), 0o666))
	}
	const weights = "--init he, or --norm batch"
	for args, want := range map[string][2]string{
		"--init normal:30":   {"signals", "layer 2 is [1-9]\\d+\\S* times that of layer 1: " + weights},
		"--init normal:1e-4": {"signals", `layer \d is 0\.0\S+ times that of layer \d: ` + weights},
		"--init zero":        {"dead-units", "--activation leaky-relu, or --init he"},
		"--lr 1e-9":          {"overfit", "try the learning rate of --find-lr, larger --hidden, or --init he"},
		"--lr 10":            {"learning-rate", "--lr "},
		"--data " + tables:   {"leaks", "180 of 200 examples of the validation part are in the training part: remove them from the training part"},
	} {
		t.Run(args, func(t *testing.T) {
			base := "doctor --dataset synthetic --normalize symmetric --hidden 20,20,20 --init he --lr 0.01 "
			if strings.HasPrefix(args, "--data ") {
				base = "doctor --preset files --hidden 20 "
			}
			code, out, talk := lanes(strings.Fields(base + args)...)
			require.Equal(t, exitFailed, code, talk)
			require.Regexp(t, `(?m)^wrong  `+want[0]+` .*`+want[1], out)
		})
	}
}

func TestDoctorFindsAModernNetworkWell(t *testing.T) {
	code, out, talk := lanes(strings.Fields("doctor --preset quick --dataset synthetic --hidden 64,32 --components 32")...)
	require.Equal(t, 0, code, out+talk)
	require.NotContains(t, out, "wrong")
	require.Contains(t, out, "\nwell   overfit ")
}
