package data

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// The binary version of CIFAR-10: five files to train on and one to test, each
// of 10,000 records of a label byte and an image.
const (
	recordSize       = 1 + ImageSize
	recordsPerFile   = 10_000
	validationImages = 1_000
)

var (
	trainFiles = []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}
	testFile   = "test_batch.bin"

	cifar10Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}
)

// ReadCIFAR10 reads the binary version of CIFAR-10 from the folder that holds
// its files, usually one that [Find] found. Of the 50,000 training images the
// first 49,000 become Train and the last 1,000 Val; the 10,000 of test_batch.bin
// are Test.
//
// An error names the file that is missing, has another size or holds a label
// above 9; records count from 0.
//
// Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images,
// 2009; https://www.cs.toronto.edu/~kriz/cifar.html.
func ReadCIFAR10(dir string) (*Dataset, error) {
	return readCIFAR10(dir, recordsPerFile, validationImages)
}

func readCIFAR10(dir string, perFile, validation int) (*Dataset, error) {
	train := makeSplit(len(trainFiles) * perFile)
	for i, name := range trainFiles {
		if err := readFile(filepath.Join(dir, name), train.slice(i*perFile, (i+1)*perFile)); err != nil {
			return nil, err
		}
	}
	test := makeSplit(perFile)
	if err := readFile(filepath.Join(dir, testFile), test); err != nil {
		return nil, err
	}
	n := train.Len() - validation
	return &Dataset{
		Name:    "cifar10",
		Classes: cifar10Classes,
		Train:   train.slice(0, n),
		Val:     train.slice(n, train.Len()),
		Test:    test,
	}, nil
}

// readFile fills s from a file that holds exactly its records.
func readFile(path string, s Split) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	want := int64(s.Len()) * recordSize
	if info.IsDir() {
		return fmt.Errorf("%s: a folder, want a file of %d bytes", path, want)
	}
	if info.Size() != want {
		return fmt.Errorf("%s: %d bytes, want %d", path, info.Size(), want)
	}
	if err := readRecords(f, s); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// readRecords fills s from r, which must hold at least its records.
func readRecords(r io.Reader, s Split) error {
	const perRead = 64 // 192 KB: it stays in cache until it is copied
	buf := make([]byte, perRead*recordSize)
	for lo := 0; lo < s.Len(); lo += perRead {
		hi := min(lo+perRead, s.Len())
		if _, err := io.ReadFull(r, buf[:(hi-lo)*recordSize]); err != nil {
			return fmt.Errorf("records %d to %d: %w", lo, hi-1, err)
		}
		for i := lo; i < hi; i++ {
			record := buf[(i-lo)*recordSize:][:recordSize]
			if int(record[0]) >= len(cifar10Classes) {
				return fmt.Errorf("record %d: label %d, want 0..%d", i, record[0], len(cifar10Classes)-1)
			}
			s.Labels[i] = record[0]
			copy(s.image(i), record[1:])
		}
	}
	return nil
}
