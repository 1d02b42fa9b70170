package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

// What a run needs again it finds where --data had it.
func TestRunsRememberWhereTheirImagesWere(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	makeCIFAR10(t, "images")
	o := trained(t, "--data images --hidden 2 --iters 2 --out run")
	require.Equal(t, "cifar10", o["dataset"])
	for _, command := range []string{"eval run", "train --resume run --iters 3", "report run"} {
		code, _, talk := lanes(strings.Fields(command)...)
		require.Equal(t, 0, code, "%s: %s", command, talk)
	}
	require.FileExists(t, filepath.Join("run", "confusion.png"))

	// Images that were moved are looked for in vain, and found where they are named;
	// the run remembers that.
	require.NoError(t, os.Rename("images", "moved"))
	code, _, talk := lanes("eval", "run")
	require.Equal(t, exitData, code)
	here, err := os.Getwd()
	require.NoError(t, err)
	cache, err := data.Place("")
	require.NoError(t, err)
	once := filepath.Join(here, "images", data.Binary.Folder())
	require.Equal(t, "lanes: no CIFAR-10 found in "+once+" or "+cache+", and LANES_DATA names no other folder\n", talk)
	code, _, talk = lanes("eval", "run", "--data", "moved")
	require.Equal(t, 0, code, talk)
	trained(t, "--resume run --iters 4 --data moved")
	code, _, talk = lanes("eval", "run")
	require.Equal(t, 0, code, talk)
}

func TestSweepsRememberWhereTheirImagesWere(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	makeCIFAR10(t, "images")
	code, _, talk := lanes(strings.Fields("sweep --preset report-mlp --set hidden=2 --set seed=0,1 --set iters=2 --data images --out sweep")...)
	require.Equal(t, 0, code, talk)
	require.NoError(t, os.RemoveAll(filepath.Join("sweep", "trials", "0001")))
	code, out, talk := lanes("sweep", "run", "sweep")
	require.Equal(t, 0, code, talk)
	require.NotContains(t, out, "not finished")
	code, _, talk = lanes("report", "sweep")
	require.Equal(t, 0, code, talk)
}

func TestOtherImagesThanTheRunsAreRefusedUnlessForced(t *testing.T) {
	hideCIFAR10(t)
	t.Chdir(t.TempDir())
	makeCIFAR10(t, "mine")
	other := makeCIFAR10(t, "other")
	trained(t, "--data mine --hidden 2 --iters 2 --out run")
	f, err := os.OpenFile(filepath.Join(other, "data_batch_1.bin"), os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte{77}, 2000)
	require.NoError(t, err)
	require.NoError(t, f.Close())

	const both = `run was trained on other images: on cifar10 with fingerprint [0-9a-f]{12} in \S+mine/cifar-10-batches-bin \(airplane, .*, truck\), and these are cifar10 with fingerprint [0-9a-f]{12} in other/cifar-10-batches-bin \(airplane, .*, truck\)`
	for _, command := range []string{"eval", "report"} {
		code, out, talk := lanes(command, "run", "--data", "other")
		require.Equal(t, exitData, code, talk)
		require.Empty(t, out)
		require.Regexp(t, "^lanes: "+both+"; --force accepts them\n$", filepath.ToSlash(talk))
		code, out, talk = lanes(command, "run", "--data", "other", "--force")
		require.Equal(t, 0, code, talk)
		require.NotEmpty(t, out)
		require.Regexp(t, "^lanes: warning: "+both+"\n$", filepath.ToSlash(talk))
	}
	code, _, talk := lanes("train", "--resume", "run", "--iters", "3", "--data", "other")
	require.Equal(t, exitData, code)
	require.Contains(t, talk, "the run was trained on other images")
}

func TestModelsKnowTheirImages(t *testing.T) {
	dir := newRun(t, unchanged)
	run, err := train.Open(dir)
	require.NoError(t, err)
	engine, err := kernels.New[float64]()
	require.NoError(t, err)
	for _, name := range []string{"best", "last"} {
		model, err := train.OpenModel(engine, run.Checkpoint(name))
		require.NoError(t, err)
		require.Equal(t, train.Fingerprint(synthetic()), model.Data)
		require.NoError(t, otherImages(run, model, synthetic()))

		other := *synthetic()
		other.Test.Labels = slices.Clone(other.Test.Labels)
		other.Test.Labels[0] = (other.Test.Labels[0] + 1) % 10
		require.ErrorContains(t, otherImages(run, model, &other), "was trained on other images")
		other = *synthetic()
		other.Classes = slices.Clone(other.Classes)
		other.Classes[3] = "shirt"
		require.ErrorContains(t, otherImages(run, model, &other), "shirt, ")

		model.Data = "" // as an older run has it
		require.NoError(t, otherImages(run, model, &other))
	}
}
