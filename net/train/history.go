package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// History is what a run logged, in order.
type History struct {
	Steps  []StepRecord
	Epochs []EpochRecord
}

// StepRecord is the record of a step. Loss, RegLoss and Acc are those of its batch before
// the update.
type StepRecord struct {
	Step    int     `json:"step"`  // from 1
	Epoch   int     `json:"epoch"` // from 1
	Loss    float64 `json:"loss"`  // without regularisation
	RegLoss float64 `json:"reg_loss"`
	Acc     float64 `json:"acc"`
	LR      float64 `json:"lr"`
	Seconds float64 `json:"seconds"` // spent in steps since the start
}

// EpochRecord is the record of an epoch: one that ended with Step, or one within which
// the run ended. Losses are without regularisation.
type EpochRecord struct {
	Step      int      `json:"step"`
	Epoch     int      `json:"epoch"`          // from 1
	Part      float64  `json:"part,omitempty"` // the fraction of its steps that were done if the run ended within it, else 0
	TrainLoss float64  `json:"train_loss"`     // mean over the epoch's batches
	TrainAcc  float64  `json:"train_acc"`
	ValLoss   *float64 `json:"val_loss"` // nil without a validation part
	ValAcc    *float64 `json:"val_acc"`
	LR        float64  `json:"lr"` // during the epoch
	Seconds   float64  `json:"seconds"`
}

// Epochs returns how many epochs were done: Epoch, or less if the run ended within that
// epoch.
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

// longestLine is more bytes than any line of history.jsonl has.
const longestLine = 1 << 16

// scanHistory reads history.jsonl and calls step and epoch with the records up to
// lastStep; before is the offset of the record's line. It returns the size of all these
// lines. It stops at a line that a crash left incomplete.
func scanHistory(file io.Reader, lastStep int, step func(StepRecord), epoch func(e EpochRecord, before int)) (size int, err error) {
	lines := bufio.NewReaderSize(file, longestLine)
	var rate number
	for {
		line, err := lines.ReadSlice('\n')
		if err == io.EOF || err == bufio.ErrBufferFull {
			return size, nil
		}
		if err != nil {
			return size, err
		}
		var record struct {
			Kind string `json:"kind"`
			StepRecord
		}
		var e EpochRecord
		switch quickStep, quickEpoch := parseStep(line, &record.StepRecord, &rate), parseEpoch(line, &e, &rate); {
		case quickStep:
			record.Kind = stepKind
		case quickEpoch:
			record.Kind, record.Step = epochKind, e.Step
		case json.Unmarshal(line, &record) != nil || record.Kind == epochKind && json.Unmarshal(line, &e) != nil:
			return size, nil
		}
		if record.Step > lastStep {
			return size, nil
		}
		switch record.Kind {
		case stepKind:
			step(record.StepRecord)
		case epochKind:
			epoch(e, size)
		}
		size += len(line)
	}
}

// The names of a record's numbers, in their order in a line. A complete epoch has no
// part.
var (
	stepFields  = []string{"step", "epoch", "loss", "reg_loss", "acc", "lr", "seconds"}
	epochFields = []string{"step", "epoch", "train_loss", "train_acc", "val_loss", "val_acc", "lr", "seconds"}
)

// number caches the last learning rate that was parsed. The next one is mostly the same,
// and parsing one that has decayed to below 1e-308 takes 10 µs.
type number struct {
	text  string
	value float64
}

// parseStep parses a line that [StepRecord.appendLine] wrote, several times as fast as
// package json. It returns false for any other line.
func parseStep(line []byte, s *StepRecord, rate *number) bool {
	var v [8]float64
	if !parseNumbers(line, stepKind, stepFields, &v, rate) {
		return false
	}
	*s = StepRecord{int(v[0]), int(v[1]), v[2], v[3], v[4], v[5], v[6]}
	return true
}

// parseEpoch is parseStep for the line of a complete epoch.
func parseEpoch(line []byte, e *EpochRecord, rate *number) bool {
	var v [8]float64
	if !parseNumbers(line, epochKind, epochFields, &v, rate) {
		return false
	}
	*e = EpochRecord{Step: int(v[0]), Epoch: int(v[1]), TrainLoss: v[2], TrainAcc: v[3], LR: v[6], Seconds: v[7]}
	if finite(v[4]) && finite(v[5]) {
		e.ValLoss, e.ValAcc = &v[4], &v[5]
	}
	return true
}

// parseNumbers parses an object of that kind with numbers of those names; null gives
// NaN. It returns false if the line is not such an object.
func parseNumbers(line []byte, kind string, names []string, values *[8]float64, rate *number) bool {
	rest, ok := bytes.CutPrefix(line, []byte(`{"kind":"`+kind+`"`))
	if !ok {
		return false
	}
	for i, name := range names {
		n := len(name)
		if len(rest) < n+4 || string(rest[:2]) != `,"` || string(rest[2:2+n]) != name || string(rest[2+n:4+n]) != `":` {
			return false
		}
		rest = rest[4+n:]
		end := bytes.IndexAny(rest, ",}")
		if end < 0 {
			return false
		}
		text := string(rest[:end])
		rest = rest[end:]
		switch {
		case text == "null" && strings.HasPrefix(name, "val_"):
			values[i] = math.NaN()
		case name == "lr" && text == rate.text:
			values[i] = rate.value
		default:
			var err error
			if values[i], err = strconv.ParseFloat(text, 64); err != nil || strings.Trim(text, "0123456789+-.e") != "" {
				return false
			}
			if name == "lr" {
				*rate = number{text, values[i]}
			}
		}
	}
	return string(rest) == "}\n"
}

// appendLine appends the record's line of history.jsonl to b. Unlike package json it
// allocates nothing if b has room.
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
