package data

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/lanes-ml/lanes/net/internal/regular"
)

// The shape of an image: Channels planes (red, green, blue), each of Side rows of Side
// pixels. A pixel of a plane is a byte, and an image ImageSize bytes.
const (
	Side      = 32
	Channels  = 3
	ImageSize = Channels * Side * Side
)

// cifarShape is that of the images of CIFAR-10, CIFAR-100 and the synthetic set.
var cifarShape = Shape{Channels: Channels, Height: Side, Width: Side}

// CIFAR-10 in either version.
const (
	cifar10Format    = "cifar10"
	imagesPerFile    = 10_000
	validationImages = 1_000
)

var cifar10Classes = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// ReadCIFAR10 reads CIFAR-10, in either version, from the folder that holds its files,
// which [Find] usually found. Both versions of the same images give the same Dataset,
// except for Path. Of the 50,000 training images, Train has the first 49,000 and Val
// the last 1,000. Test has the 10,000 of the test file.
//
// An error names the file that is missing, has another size, has a label above 9 or is
// of another format. It counts images from 0.
//
// Source: Krizhevsky, Learning Multiple Layers of Features from Tiny Images,
// 2009; https://www.cs.toronto.edu/~kriz/cifar.html.
func ReadCIFAR10(dir string) (*Dataset, error) {
	return readCIFAR10(dir, imagesPerFile, validationImages)
}

// openCIFAR10 reads CIFAR-10 where [Find] finds it.
func openCIFAR10(dir string, remembered []string) (*Dataset, error) {
	found, err := Find(dir, remembered...)
	if err != nil {
		return nil, err
	}
	return ReadCIFAR10(found)
}

func foundCIFAR10(path string) bool {
	_, err := locate(path)
	return err == nil
}

func readCIFAR10(dir string, perFile, validation int) (*Dataset, error) {
	v := VersionOf(dir)
	all := makeImages(len(v.Files())*perFile, cifarShape)
	for i, name := range v.Files() {
		if err := v.readFile(filepath.Join(dir, name), all.slice(i*perFile, (i+1)*perFile), io.Discard); err != nil {
			return nil, err
		}
	}
	trained := all.Len() - perFile
	return &Dataset{
		Name:    "cifar10",
		Path:    dir,
		Format:  cifar10Format,
		Shape:   cifarShape,
		Classes: cifar10Classes,
		Train:   all.slice(0, trained-validation),
		Val:     all.slice(trained-validation, trained),
		Test:    all.slice(trained, all.Len()),
	}, nil
}

// readFile fills s from a file, which must hold exactly as many images, and writes the
// bytes that it reads to second too.
func (v Version) readFile(path string, s Split, second io.Writer) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := versions[v].read(io.TeeReader(f, second), info.Size(), s); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// checkLabel returns an error unless the label of an image is a class.
func checkLabel(image, label int) error {
	if label < 0 || label >= len(cifar10Classes) {
		return fmt.Errorf("image %d: label %d, want 0..%d", image, label, len(cifar10Classes)-1)
	}
	return nil
}
