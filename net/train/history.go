package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// History is what a run logged, in order.
type History struct {
	Steps  []StepRecord
	Epochs []EpochRecord
}

// StepRecord is a step: what it saw of its batch before its update.
type StepRecord struct {
	Step    int     `json:"step"`  // from 1
	Epoch   int     `json:"epoch"` // from 1
	Loss    float64 `json:"loss"`  // without regularisation
	RegLoss float64 `json:"reg_loss"`
	Acc     float64 `json:"acc"`
	LR      float64 `json:"lr"`
	Seconds float64 `json:"seconds"` // in steps since the start
}

// EpochRecord is an epoch that ended with Step, or that the run ended within. The
// losses are without regularisation.
type EpochRecord struct {
	Step      int      `json:"step"`
	Epoch     int      `json:"epoch"`          // from 1
	Part      float64  `json:"part,omitempty"` // of its steps that were done where the run ended within it, else 0
	TrainLoss float64  `json:"train_loss"`     // mean over the epoch's batches
	TrainAcc  float64  `json:"train_acc"`
	ValLoss   *float64 `json:"val_loss"` // nil where there is no validation part
	ValAcc    *float64 `json:"val_acc"`
	LR        float64  `json:"lr"` // of the epoch
	Seconds   float64  `json:"seconds"`
}

// Epochs returns how many epochs were over: Epoch, or less if the run ended within
// it.
func (e EpochRecord) Epochs() float64 {
	if e.Part > 0 {
		return float64(e.Epoch-1) + e.Part
	}
	return float64(e.Epoch)
}

// The kinds of the lines of history.jsonl.
const (
	stepKind  = "step"
	epochKind = "epoch"
)

// longestLine is more than a line of history.jsonl takes.
const longestLine = 1 << 16

// scanHistory reads history.jsonl, line by line, and tells of the records up to a
// step, with how many bytes there are before each. It returns how many all of them
// take. It ends where a line is torn, as a crash leaves it.
func scanHistory(file io.Reader, lastStep int, step func(StepRecord), epoch func(e EpochRecord, before int)) (size int, err error) {
	lines := bufio.NewReaderSize(file, longestLine)
	for {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF || err == bufio.ErrBufferFull {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		var kind struct {
			Kind string `json:"kind"`
			Step int    `json:"step"`
		}
		s, quick := parseStep(line)
		if quick {
			kind.Kind, kind.Step = stepKind, s.Step
		} else if json.Unmarshal(line, &kind) != nil {
			return size, nil
		}
		if kind.Step > lastStep {
			return size, nil
		}
		switch kind.Kind {
		case stepKind:
			if !quick && json.Unmarshal(line, &s) != nil {
				return size, nil
			}
			step(s)
		case epochKind:
			var e EpochRecord
			if json.Unmarshal(line, &e) != nil {
				return size, nil
			}
			epoch(e, size)
		}
		size += len(line)
	}
}

// stepFields are the names of a step's numbers, in the order of its line.
var stepFields = [...]string{"step", "epoch", "loss", "reg_loss", "acc", "lr", "seconds"}

// parseStep reads a line that [StepRecord.appendLine] wrote, ten times as fast as
// package json, and says whether it is one.
func parseStep(line []byte) (StepRecord, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"kind":"`+stepKind+`"`))
	var values [len(stepFields)]float64
	for i, name := range stepFields {
		if len(rest) < len(name)+4 || string(rest[:2]) != `,"` || string(rest[2:2+len(name)]) != name || string(rest[2+len(name):4+len(name)]) != `":` {
			return StepRecord{}, false
		}
		rest = rest[4+len(name):]
		end := bytes.IndexAny(rest, ",}")
		if end < 0 || bytes.ContainsFunc(rest[:end], func(r rune) bool { return !strings.ContainsRune("0123456789+-.e", r) }) {
			return StepRecord{}, false
		}
		var err error
		if values[i], err = strconv.ParseFloat(string(rest[:end]), 64); err != nil {
			return StepRecord{}, false
		}
		rest = rest[end:]
	}
	return StepRecord{int(values[0]), int(values[1]), values[2], values[3], values[4], values[5], values[6]}, ok && string(rest) == "}\n"
}

// appendLine appends the record's line of history.jsonl. Unlike package json it
// allocates nothing but the room for it.
func (s StepRecord) appendLine(b []byte) []byte {
	b = append(b, `{"kind":"`+stepKind+`","step":`...)
	b = strconv.AppendInt(b, int64(s.Step), 10)
	b = append(b, `,"epoch":`...)
	b = strconv.AppendInt(b, int64(s.Epoch), 10)
	for _, f := range [...]struct {
		name  string
		value float64
	}{{"loss", s.Loss}, {"reg_loss", s.RegLoss}, {"acc", s.Acc}, {"lr", s.LR}, {"seconds", s.Seconds}} {
		b = append(b, `,"`...)
		b = append(b, f.name...)
		b = append(b, `":`...)
		b = strconv.AppendFloat(b, f.value, 'g', -1, 64)
	}
	return append(b, "}\n"...)
}

// appendLine appends the record's line of history.jsonl.
func (e EpochRecord) appendLine(b []byte) []byte {
	line, err := json.Marshal(struct {
		Kind string `json:"kind"`
		EpochRecord
	}{epochKind, e})
	if err != nil {
		panic(fmt.Sprintf("train: epoch %d: %v", e.Epoch, err)) // its numbers are finite
	}
	return append(append(b, line...), '\n')
}

// csvHeader names the columns of history.csv.
const csvHeader = "epoch,step,train_loss,train_acc,val_loss,val_acc,lr,seconds\n"

// appendCSV appends the record's row of history.csv.
func (e EpochRecord) appendCSV(b []byte) []byte {
	b = strconv.AppendFloat(b, e.Epochs(), 'f', -1, 64)
	b = fmt.Appendf(b, ",%d", e.Step)
	for _, v := range []*float64{&e.TrainLoss, &e.TrainAcc, e.ValLoss, e.ValAcc, &e.LR, &e.Seconds} {
		b = append(b, ',')
		if v != nil {
			b = strconv.AppendFloat(b, *v, 'g', -1, 64)
		}
	}
	return append(b, '\n')
}
