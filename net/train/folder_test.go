package train

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFolderHoldsTheRun(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["adam"]
	r := kept[float32](t, filepath.Join(t.TempDir(), "a", "run"), c, set, 1)
	result := do(t, r)
	require.Equal(t, r.Folder.Dir, result.Run)

	folder, err := Open(r.Folder.Dir)
	require.NoError(t, err)
	require.Equal(t, r.Folder, folder)
	require.Equal(t, c, folder.Config)
	require.Equal(t, []string{"best.safetensors", "config.toml", "history.csv", "history.jsonl", "last.safetensors", "result.json"}, list(t, folder.Dir))

	text, err := os.ReadFile(filepath.Join(folder.Dir, "result.json"))
	require.NoError(t, err)
	want, err := json.Marshal(result)
	require.NoError(t, err)
	require.Equal(t, string(want)+"\n", string(text))
	read, err := folder.Result()
	require.NoError(t, err)
	require.Equal(t, result, read)

	last, err := OpenModel(newEngine[float32](t), folder.Checkpoint("last"))
	require.NoError(t, err)
	require.Equal(t, result.WeightsSHA256, weightsSHA256(last.Network))
	require.Equal(t, stopSteps, last.Step)
	require.Equal(t, r.Input, last.Input)
	require.Equal(t, set.Classes, last.Classes)
	require.Equal(t, c, last.Config)
	batch := last.Batch(newEngine[float32](t), 10)
	require.Equal(t, *result.ValAcc, ScoreOn(last.Network, Examples[float32](part[float32]{Split: set.Val, Batch: batch})).Accuracy)

	best, err := OpenModel(newEngine[float32](t), folder.Checkpoint("best"))
	require.NoError(t, err)
	require.Equal(t, result.BestStep, best.Step)
	require.Equal(t, *result.BestValAcc, ScoreOn(best.Network, Examples[float32](part[float32]{Split: set.Val, Batch: best.Batch(newEngine[float32](t), 10)})).Accuracy)
}

func TestHistoryIsWhatWatchersSaw(t *testing.T) {
	c := stopConfigs()["sgd"]
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(50, 10, 10), 1)
	var want History
	r.OnStep = func(s StepRecord) { want.Steps = append(want.Steps, s) }
	r.OnEpoch = func(e EpochRecord) { want.Epochs = append(want.Epochs, e) }
	do(t, r)
	h, err := r.Folder.History()
	require.NoError(t, err)
	require.Equal(t, want, h)
	require.Len(t, h.Epochs, 9)
	require.Equal(t, 4.0/7, h.Epochs[8].Part, "the run ends within its ninth epoch")

	f, err := os.Open(filepath.Join(r.Folder.Dir, "history.csv"))
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, strings.Split(strings.TrimSpace(csvHeader), ","), rows[0])
	require.Len(t, rows, 10)
	for i, e := range h.Epochs {
		require.Equal(t, strconv.FormatFloat(e.Epochs(), 'f', -1, 64), rows[i+1][0])
		require.Equal(t, strconv.FormatFloat(*e.ValAcc, 'g', -1, 64), rows[i+1][5])
	}
}

func TestLineOfAStepIsJSONOfItsRecord(t *testing.T) {
	s := StepRecord{Step: 3, Epoch: 2, Loss: 1.0 / 3, RegLoss: 5e-324, Acc: 0.5, LR: 1e21, Seconds: 1e-7}
	var got struct {
		Kind string
		StepRecord
	}
	require.NoError(t, json.Unmarshal(s.appendLine(nil), &got))
	require.Equal(t, s, got.StepRecord)
	require.Equal(t, "step", got.Kind)
	var quick StepRecord
	require.True(t, parseStep(s.appendLine(nil), &quick, new(number)), "it is read without package json")
	require.Equal(t, s, quick)
	for _, e := range []EpochRecord{{Step: 3, Epoch: 2, TrainLoss: 1e-7, LR: 1e21}, {Step: 3, Epoch: 2, ValLoss: &s.Loss, ValAcc: &s.Acc}} {
		var quick EpochRecord
		require.True(t, parseEpoch(e.appendLine(nil), &quick, new(number)), "it is read without package json")
		require.Equal(t, e, quick)
	}
	plain, err := json.Marshal(s)
	require.NoError(t, err)
	var names, want map[string]any
	require.NoError(t, json.Unmarshal(plain, &want))
	require.NoError(t, json.Unmarshal(s.appendLine(nil), &names))
	delete(names, "kind")
	require.Equal(t, want, names)
}

func TestRunWithoutValidationKeepsItsLastModelAsBest(t *testing.T) {
	c := presetOf(t, "toy")
	c.DType = "float64"
	r := kept[float64](t, filepath.Join(t.TempDir(), "run"), c, nil, 1)
	result := do(t, r)
	for _, name := range []string{"best", "last"} {
		m, err := OpenModel(newEngine[float64](t), r.Folder.Checkpoint(name))
		require.NoError(t, err)
		require.Equal(t, result.WeightsSHA256, weightsSHA256(m.Network), name)
	}
	h, err := r.Folder.History()
	require.NoError(t, err)
	require.Len(t, h.Epochs, 100)
	require.Nil(t, h.Epochs[0].ValAcc)
}

func TestModelIsReadInTheOtherElementType(t *testing.T) {
	c := stopConfigs()["adam"]
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(50, 10, 10), 1)
	do(t, r)
	wide, err := OpenModel(newEngine[float64](t), r.Folder.Checkpoint("last"))
	require.NoError(t, err)
	for i, p := range r.Network.Params() {
		for k, w := range p.Value.Data {
			require.Equal(t, float64(w), wide.Network.Params()[i].Value.Data[k])
		}
	}
}

func TestNextFolderHasTheFirstFreeNumber(t *testing.T) {
	parent := filepath.Join(t.TempDir(), "runs")
	c := presetOf(t, "toy")
	for _, want := range []string{"toy-1", "toy-2"} {
		f, err := CreateNext(parent, "toy", c)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(parent, want), f.Dir)
	}
	require.NoError(t, os.RemoveAll(filepath.Join(parent, "toy-1")))
	f, err := CreateNext(parent, "toy", c)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(parent, "toy-1"), f.Dir)
	_, err = Create(f.Dir, c)
	require.EqualError(t, err, f.Dir+" holds a run already")
}

func TestOpenSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = Open(dir)
	require.EqualError(t, err, dir+" holds no run: it has no config.toml")
	path := filepath.Join(dir, "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("rate = 1"), 0o666))
	_, err = Open(dir)
	require.ErrorContains(t, err, path+`: unknown setting "rate"`)
	require.NoError(t, os.WriteFile(path, []byte("batch = 0"), 0o666))
	_, err = Open(dir)
	require.EqualError(t, err, path+": batch is 0, want 1 to 1000000000")
	_, err = OpenModel(newEngine[float32](t), filepath.Join(dir, "best.safetensors"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestDivergedRunKeepsAnEarlierCheckpoint(t *testing.T) {
	c := stopConfigs()["sgd"]
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), c, randomImages(50, 10, 10), 1)
	r.CheckpointEvery = 4
	r.OnStep = func(s StepRecord) {
		if s.Step == 10 {
			r.Config.LR = 1e30
		}
	}
	_, err := r.Do(context.Background())
	require.ErrorIs(t, err, ErrDiverged)
	m, err := OpenModel(newEngine[float32](t), r.Folder.Checkpoint("last"))
	require.NoError(t, err)
	require.Equal(t, 8, m.Step)
	h, err := r.Folder.History()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(h.Steps), 10)
}

func TestRunThatGoesOnHasNoResult(t *testing.T) {
	set := randomImages(50, 10, 10)
	c := stopConfigs()["momentum"]
	dir := filepath.Join(t.TempDir(), "run")
	_, err := kept[float32](t, dir, c, set, 1).Do(context.Background())
	require.NoError(t, err)
	result := filepath.Join(dir, "result.json")
	require.FileExists(t, result)
	stopAfter(t, resumed[float32](t, dir, set, 1, func(c *Config) { c.Iters = 2 * stopSteps }), stopSteps+1)
	require.NoFileExists(t, result)
}

func TestEveryFileOfARunIsKnownAsSuch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r := kept[float32](t, dir, stopConfigs()["sgd"], randomImages(50, 10, 10), 1)
	r.KeepEpochs = 1
	do(t, r)
	for _, name := range append(list(t, dir), "data.json", "LAST.safetensors") {
		require.True(t, InRun(filepath.Join(dir, name)), name)
		require.False(t, InRun(filepath.Join(filepath.Dir(dir), name)), name)
	}
	for _, name := range []string{"report.html", "model.safetensors", "last", "best.onnx", "epoch-x.safetensors"} {
		require.False(t, InRun(filepath.Join(dir, name)), name)
	}
	link := filepath.Join(t.TempDir(), "page.html")
	if err := os.Symlink(filepath.Join(dir, "result.json"), link); err == nil {
		require.True(t, InRun(link))
	}
}

func TestRunRemembersTheFolderOfItsImages(t *testing.T) {
	set := randomImages(50, 10, 10)
	r := kept[float32](t, filepath.Join(t.TempDir(), "run"), stopConfigs()["sgd"], set, 1)
	for _, dir := range []string{"", "images"} { // made, and read
		r.path = dir
		require.NoError(t, r.open())
		require.NoError(t, r.close())
		want := dir
		if dir != "" {
			var err error
			want, err = filepath.Abs(dir)
			require.NoError(t, err)
		}
		got, err := r.Folder.DataFolder()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	require.NoError(t, os.WriteFile(r.Folder.path(dataFile), []byte("{"), 0o666))
	_, err := r.Folder.DataFolder()
	require.EqualError(t, err, r.Folder.path(dataFile)+": unexpected end of JSON input")
}

func TestFilesOfARunAreItsOwn(t *testing.T) {
	f, err := Create(filepath.Join(t.TempDir(), "run"), presetOf(t, "toy"))
	require.NoError(t, err)
	for name, ours := range map[string]bool{
		"config.toml": true, "History.jsonl": true, "last.safetensors": true, "epoch-0007.safetensors": true,
		"last": false, "epoch-7": false, "notes.txt": false, "last.png": false,
	} {
		require.Equal(t, ours, InRun(f.path(name)), name)
		require.False(t, InRun(filepath.Join(filepath.Dir(f.Dir), name)), "beside the run")
	}
}

func TestFolderTellsWhetherItIsARunsAndWhichCheckpointsItHas(t *testing.T) {
	dir := t.TempDir()
	require.False(t, Is(dir))
	f, err := Create(dir, presetOf(t, "toy"))
	require.NoError(t, err)
	require.True(t, Is(dir))
	require.False(t, f.Has("last"))
	require.NoError(t, os.WriteFile(f.Checkpoint("last"), nil, 0o666))
	require.True(t, f.Has("last"))
	require.False(t, f.Has("best"))
}
