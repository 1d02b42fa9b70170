package main

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/pflag"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/console"
	"github.com/lanes-ml/lanes/net/setting"
	"github.com/lanes-ml/lanes/net/sweep"
	"github.com/lanes-ml/lanes/net/train"
)

// batchFlags say how a batch system trains a sweep.
type batchFlags struct {
	slurm, kubernetes bool
	limit             time.Duration
	cpus, memory      int
	workers           int
	image, claim      string
	dir               string
}

func (b *batchFlags) settings() setting.List {
	return setting.List{
		{Name: "cpus", Value: &b.cpus, Range: setting.Range{Least: 1, Most: 1024},
			Help: "threads of a task"},
		{Name: "memory", Value: &b.memory, Range: countOrNone,
			Help: "memory of a task in `MB` (default estimated)"},
		{Name: "workers", Value: &b.workers, Range: countOrNone,
			Help: "`tasks` at a time (default all trials; with --tpe one more than --pending)"},
	}
}

func (b *batchFlags) add(f *pflag.FlagSet) {
	b.cpus = 1
	f.BoolVar(&b.slurm, "slurm", false, "write slurm.sh, a job array for sbatch")
	f.BoolVar(&b.kubernetes, "kubernetes", false, "write kubernetes.yaml, an Indexed Job for kubectl")
	f.DurationVar(&b.limit, "time", 0, "`limit` of a task's time, such as 30m (default estimated)")
	addSettings(f, b.settings())
	f.StringVar(&b.image, "image", "", "container `image` that has lanes, for --kubernetes")
	f.StringVar(&b.claim, "claim", "", "persistent volume `claim` that holds DIR's parent, for --kubernetes")
	f.StringVar(&b.dir, "data", "", "`folder` of the data, as the tasks see it (default $LANES_DATA there)")
}

// The range of limits of a task's time. Slurm may warn of it up to a minute early.
const (
	leastTime   = 3 * time.Minute
	longestTime = 365 * 24 * time.Hour
)

func (b *batchFlags) check() error {
	if err := b.settings().Check(); err != nil {
		return fmt.Errorf("--%w", err)
	}
	switch {
	case b.limit != 0 && (b.limit < leastTime || b.limit > longestTime):
		return fmt.Errorf("--time is %v, want %v to a year", b.limit, leastTime)
	case b.kubernetes && (b.image == "" || b.claim == ""):
		return errors.New("--kubernetes needs --image and --claim")
	case !b.kubernetes && (b.image != "" || b.claim != ""):
		return errors.New("--image and --claim go with --kubernetes")
	case !b.kubernetes && !b.slurm && (b.limit != 0 || b.memory != 0 || b.workers != 0 || b.cpus != 1):
		return errors.New("--time, --cpus, --memory and --workers go with --slurm or --kubernetes")
	}
	return nil
}

// batch is what the templates say.
type batch struct {
	Dir, Parent, File, Log, Name string
	Tasks, AtATime               int // AtATime is 0 for all
	CPUs, MB, Seconds, Warning   int
	Image, Claim                 string
	Words                        []string // of the command, for Kubernetes
	Command                      string   // for a shell
}

func (b batch) Last() int { return b.Tasks - 1 }

// Clock returns the limit as hours, minutes and seconds.
func (b batch) Clock() string {
	return fmt.Sprintf("%d:%02d:%02d", b.Seconds/3600, b.Seconds/60%60, b.Seconds%60)
}

// warning is how long before the end of its time a task is told, in seconds.
const warning = 60

// write writes what was asked for into the sweep's folder, and says how to use it.
func (b *batchFlags) write(ctx context.Context, folder *sweep.Folder, talk io.Writer) error {
	if !b.slurm && !b.kubernetes {
		return nil
	}
	if b.limit == 0 || b.memory == 0 {
		limit, memory, err := b.estimate(ctx, folder)
		if err != nil {
			return err
		}
		if b.limit == 0 {
			b.limit = limit
		}
		if b.memory == 0 {
			b.memory = memory
		}
	}
	for _, system := range []struct {
		asked     bool
		file, use string
	}{{b.slurm, "slurm.sh", "sbatch"}, {b.kubernetes, "kubernetes.yaml", "kubectl create -f"}} {
		if !system.asked {
			continue
		}
		text, path, err := b.text(folder, system.file)
		if err == nil {
			err = train.WriteFile(path, text)
		}
		if err != nil {
			return failure{exitFailed, err}
		}
		fmt.Fprintf(talk, "to train: %s %s; then: lanes sweep collect %s\n", system.use, console.Quoted(path), console.Quoted(folder.Dir))
	}
	return nil
}

//go:embed templates
var batchTemplates embed.FS

// text returns a file for a batch system, and its path.
func (b *batchFlags) text(folder *sweep.Folder, file string) ([]byte, string, error) {
	dir, err := filepath.Abs(folder.Dir)
	if err != nil {
		return nil, "", err
	}
	if i := strings.IndexFunc(dir, func(r rune) bool { return r < ' ' || strings.ContainsRune(`%\"$`, r) }); i >= 0 {
		return nil, "", fmt.Errorf("%s: a batch system would misread %q", console.Plain(dir), dir[i])
	}
	path := filepath.Join(dir, file)
	to := batch{
		Dir: dir, Parent: filepath.Dir(dir), File: path, Log: strconv.Quote(filepath.Join(dir, "slurm-%a.log")), Name: jobName(dir),
		CPUs: b.cpus, MB: b.memory, Seconds: int(b.limit.Seconds()), Warning: warning, Image: b.image, Claim: b.claim,
	}
	to.Tasks, to.AtATime = b.tasks(folder)
	words := []string{"lanes", "sweep", "run", dir, "--threads", strconv.Itoa(b.cpus)}
	if b.dir != "" {
		words = append(words, "--data", b.dir)
	}
	for _, word := range words {
		to.Command += console.Quoted(word) + " "
	}
	if searches(folder.Sweep) {
		to.Words, to.Command = append(words, "--jobs", "1"), to.Command+"--jobs 1"
	} else {
		to.Words, to.Command = append(words, "--index", "$(JOB_COMPLETION_INDEX)"), to.Command+`--index "$SLURM_ARRAY_TASK_ID"`
	}
	t, err := template.New(file).Funcs(template.FuncMap{"json": func(v any) (string, error) {
		text, err := json.Marshal(v)
		return string(text), err
	}}).ParseFS(batchTemplates, "templates/"+file)
	if err != nil {
		return nil, "", err
	}
	var out bytes.Buffer
	err = t.Execute(&out, to)
	return out.Bytes(), path, err
}

// searches reports whether results decide what follows, so that tasks are workers.
func searches(s sweep.Sweep) bool { return s.TPE > 0 || s.Halving > 0 }

// tasks returns the number of tasks, and how many of them run at a time, 0 for all.
func (b *batchFlags) tasks(folder *sweep.Folder) (all, atATime int) {
	s, trials := folder.Sweep, len(folder.Trials)
	switch {
	case !searches(s):
		return trials, b.workers
	case b.workers > 0:
		return min(b.workers, trials), 0
	case s.TPE > 0:
		return min(s.Pending+1, trials), 0
	}
	return trials, 0
}

// jobName returns the name of the folder as Kubernetes allows it.
func jobName(dir string) string {
	name := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-")
	name = strings.Trim(name[:min(len(name), 40)], "-")
	if name == "" {
		return "sweep"
	}
	return name
}

// estimate returns how long a task may take, and how many MB of memory: twice what the
// longest trial, of which some steps are trained, would take, or what each worker would
// take of all trials, and half again as much memory as that needed.
func (b *batchFlags) estimate(ctx context.Context, folder *sweep.Folder) (time.Duration, int, error) {
	runner, err := (&runnerFlags{dir: b.dir, files: folder.Sweep.Base.Files, threads: b.cpus}).runner()
	if err != nil {
		return 0, 0, failure{exitUsage, err}
	}
	set, err := runner.Images(folder.Sweep.Base.Dataset)
	if err != nil {
		return 0, 0, fmt.Errorf("to estimate the time and the memory, which --time and --memory would give: %w", err)
	}
	images := set.Train.Len()
	var longest sweep.Trial
	total, most := 0.0, 0.0
	for _, t := range folder.Trials {
		work := t.Work(images)
		if total += work; work > most {
			longest, most = t, work
		}
	}
	measure := stepRate[float32]
	if longest.Config.DType == "float64" {
		measure = stepRate[float64]
	}
	rate, err := measure(ctx, runner.Options, b.cpus, longest.Config, set)
	if err != nil {
		return 0, 0, err
	}
	if searches(folder.Sweep) {
		tasks, _ := b.tasks(folder)
		most = max(most, total/float64(tasks))
	}
	minutes := min(math.Ceil(2*most/rate/60)+leastTime.Minutes(), longestTime.Minutes())
	var held runtime.MemStats
	runtime.ReadMemStats(&held)
	const step = 100 // MB
	return time.Duration(minutes) * time.Minute, int(math.Ceil(1.5*float64(held.Sys)/1e6/step)) * step, nil
}
