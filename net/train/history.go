package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
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

// parseHistory reads history.jsonl, and returns with it how many bytes the lines
// up to a step take. It ends where a line is torn, as a crash leaves it.
func parseHistory(file []byte, lastStep int) (h History, size int) {
	for {
		end := bytes.IndexByte(file[size:], '\n')
		if end < 0 {
			return h, size
		}
		line := file[size : size+end]
		var kind struct {
			Kind string `json:"kind"`
			Step int    `json:"step"`
		}
		if json.Unmarshal(line, &kind) != nil || kind.Step > lastStep {
			return h, size
		}
		switch kind.Kind {
		case stepKind:
			var s StepRecord
			if json.Unmarshal(line, &s) != nil {
				return h, size
			}
			h.Steps = append(h.Steps, s)
		case epochKind:
			var e EpochRecord
			if json.Unmarshal(line, &e) != nil {
				return h, size
			}
			h.Epochs = append(h.Epochs, e)
		}
		size += end + 1
	}
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
