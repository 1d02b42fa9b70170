package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/tensorboard/eventtest"
	"github.com/lanes-ml/lanes/net/train"
)

// eventFiles returns the event files of a run, in order.
func eventFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "events.out.tfevents.*"))
	require.NoError(t, err)
	return files
}

// requireCurves fails unless the events have every record of the run's history once.
func requireCurves(t *testing.T, dir string) {
	t.Helper()
	folder, err := train.Open(dir)
	require.NoError(t, err)
	history, err := folder.History()
	require.NoError(t, err)
	events, err := eventtest.Read(eventFiles(t, dir)...)
	require.NoError(t, err)
	curves := map[string][]float32{}
	for _, e := range events {
		curves[e.Tag] = append(curves[e.Tag], e.Number)
	}
	want := map[string][]float32{}
	for _, s := range history.Steps {
		want["loss/batch"] = append(want["loss/batch"], float32(s.Loss))
		want["learning rate/step"] = append(want["learning rate/step"], float32(s.LR))
	}
	for _, e := range history.Epochs {
		want["accuracy/training"] = append(want["accuracy/training"], float32(e.TrainAcc))
		want["loss/validation"] = append(want["loss/validation"], float32(*e.ValLoss))
	}
	for tag := range want {
		require.Equal(t, want[tag], curves[tag], tag)
	}
	require.NotEmpty(t, curves["images per second/step"])
	require.NotEmpty(t, curves["images per second/epoch"])
	require.NotEmpty(t, curves["first-layer weights"])
}

// A run is killed after its checkpoint of step 35: what it logged of later steps is there,
// the last of it torn. It is resumed without the flag, which it remembers.
func TestEventsOfARunThatWasKilledHaveEachStepOnce(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "run")
	trainInto(t, dir, "--iters", "35", "--tensorboard")
	requireCurves(t, dir)
	last := filepath.Join(dir, "last.safetensors")
	checkpoint := readText(t, last)
	trained(t, "--resume "+dir+" --iters 50")
	requireCurves(t, dir)
	files := eventFiles(t, dir)
	require.Len(t, files, 2)
	size := len(readText(t, files[1]))

	require.NoError(t, os.WriteFile(last, []byte(checkpoint), 0o666))
	require.NoError(t, os.Truncate(files[1], int64(size-7)))
	trained(t, "--resume "+dir+" --iters 62")
	require.Len(t, eventFiles(t, dir), 3)
	requireCurves(t, dir)
}

func TestTensorBoardThatIsAskedForLaterHasAllSteps(t *testing.T) {
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "run")
	trainInto(t, dir, "--iters", "35")
	require.Empty(t, eventFiles(t, dir))
	trained(t, "--resume "+dir+" --iters 50 --tensorboard")
	requireCurves(t, dir)
}

func TestTensorBoardNeedsAFolder(t *testing.T) {
	code, _, talk := lanes(strings.Fields("train --preset toy --out none --tensorboard")...)
	require.Equal(t, exitUsage, code)
	require.Equal(t, "lanes: --tensorboard needs the run's folder, and --out is none\n", talk)
}

func TestTensorBoardLeavesTheWeightsAsTheyAre(t *testing.T) {
	hideCIFAR10(t)
	plain := trainInto(t, filepath.Join(t.TempDir(), "plain"))
	require.Equal(t, plain["weights_sha256"], trainInto(t, filepath.Join(t.TempDir(), "run"), "--tensorboard")["weights_sha256"])
}

// Google's protobuf for Python reads the files by the definitions of TensorBoard.
func TestOtherProgramsReadTheEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("other programs start slowly")
	}
	python, err := find([]string{"python3", "-c", "import google.protobuf"})
	if err != nil {
		t.Skipf("protobuf for Python is not on this machine: %v", err)
	}
	hideCIFAR10(t)
	dir := filepath.Join(t.TempDir(), "run")
	trainInto(t, dir, "--tensorboard")
	files := eventFiles(t, dir)
	script := filepath.Join(source, "internal", "tensorboard", "testdata", "events.py")
	command := exec.Command(python, append([]string{script}, files...)...)
	var talk bytes.Buffer
	command.Stderr = &talk
	out, err := command.Output()
	require.NoError(t, err, talk.String())

	want, err := eventtest.Read(files...)
	require.NoError(t, err)
	var got []eventtest.Event
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		var e struct {
			Step        int    `json:",string"`
			FileVersion string `json:"file_version"`
			SessionLog  any    `json:"session_log"`
			Summary     struct {
				Value []struct {
					Tag         string
					SimpleValue float32 `json:"simple_value"`
					Image       any
					Histo       struct{ Bucket []float64 }
				}
			}
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &e), lines.Text())
		for _, v := range e.Summary.Value {
			got = append(got, eventtest.Event{Step: e.Step, Tag: v.Tag, Number: v.SimpleValue, Counts: v.Histo.Bucket})
		}
		if len(e.Summary.Value) == 0 {
			got = append(got, eventtest.Event{Step: e.Step, Version: e.FileVersion, Session: e.SessionLog != nil})
		}
	}
	for i := range want {
		want[i].Image, want[i].Histogram, want[i].Limits = nil, nil, nil
	}
	require.Equal(t, want, got)
}
