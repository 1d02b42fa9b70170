package data

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/lanes-ml/lanes/net/data/photo"
)

// pictureExtensions are those of files that are taken for pictures.
var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"}

// pictureFolder is the pictures of a part by class: the names of folders, and the files in
// each in the order of their names.
type pictureFolder map[string][]string

// pictureParts finds pictures by part and class: in train/CLASS, val/CLASS and test/CLASS,
// or else in CLASS.
func pictureParts(path string) map[string]pictureFolder {
	parts := map[string]pictureFolder{}
	for _, dir := range foldersIn(path) {
		for part, names := range partNames {
			if slices.Contains(names, strings.ToLower(dir)) {
				if found := picturesIn(filepath.Join(path, dir)); len(found) > 0 {
					parts[part] = found
				}
			}
		}
	}
	if parts["train"] == nil {
		parts = map[string]pictureFolder{}
		if found := picturesIn(path); len(found) > 0 {
			parts["train"] = found
		}
	}
	return parts
}

// picturesIn returns the pictures in the folders of a folder.
func picturesIn(path string) pictureFolder {
	classes := pictureFolder{}
	for _, class := range foldersIn(path) {
		entries, _ := os.ReadDir(filepath.Join(path, class))
		for _, e := range entries {
			if !strings.HasPrefix(e.Name(), ".") && slices.Contains(pictureExtensions, strings.ToLower(filepath.Ext(e.Name()))) {
				classes[class] = append(classes[class], filepath.Join(path, class, e.Name()))
			}
		}
	}
	return classes
}

// foldersIn returns the names of the folders in a folder, in order.
func foldersIn(path string) (names []string) {
	entries, _ := os.ReadDir(path)
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(path, e.Name())); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names
}

func foundPictures(path string) bool { return len(pictureParts(path)) > 0 }

// readPictures reads a folder of pictures, scaled to squares of o.Size pixels as
// [photo.Read] does. Classes are in the order of their folders' names. Images have one
// channel if none of the pictures has colours.
func readPictures(path string, o Options) (*Dataset, error) {
	parts := pictureParts(path)
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: no pictures in folders named after their classes", path)
	}
	size := photo.Size{Channels: 3, Height: o.Size, Width: o.Size}
	d := &Dataset{Shape: Shape{Channels: 3, Height: o.Size, Width: o.Size}}
	d.Classes = slices.Sorted(maps.Keys(parts["train"]))
	for name, classes := range parts {
		var files []string
		s := d.part(name)
		for _, class := range slices.Sorted(maps.Keys(classes)) {
			label := slices.Index(d.Classes, class)
			if label < 0 {
				return nil, fmt.Errorf("%s: a class of which there are no pictures to train on", filepath.Dir(classes[class][0]))
			}
			files = append(files, classes[class]...)
			for range classes[class] {
				s.Labels = append(s.Labels, int32(label))
			}
		}
		var err error
		if s.Pixels, err = readAll(files, size); err != nil {
			return nil, err
		}
	}
	for _, p := range d.Parts() {
		if !isGrey(p.Split.Pixels, o.Size*o.Size) {
			return d, nil
		}
	}
	d.Shape.Channels = 1
	for _, p := range d.Parts() {
		p.Split.Pixels = onePlane(p.Split.Pixels, o.Size*o.Size)
	}
	return d, nil
}

// readAll reads pictures, several at a time. Its error is of the first that cannot be read.
func readAll(files []string, size photo.Size) ([]uint8, error) {
	each := size.Channels * size.Height * size.Width
	pixels := make([]uint8, len(files)*each)
	failures := make([]error, len(files))
	var next atomic.Int64
	var failed atomic.Bool
	var readers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		readers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files) && !failed.Load(); i = int(next.Add(1)) - 1 {
				one, err := photo.Read(files[i], size)
				if err != nil {
					failures[i] = err
					failed.Store(true)
				}
				copy(pixels[i*each:], one)
			}
		})
	}
	readers.Wait()
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return pixels, nil
}

// isGrey reports whether the three planes of all images are equal.
func isGrey(pixels []uint8, plane int) bool {
	for ; len(pixels) > 0; pixels = pixels[3*plane:] {
		if red := pixels[:plane]; !slices.Equal(red, pixels[plane:][:plane]) || !slices.Equal(red, pixels[2*plane:][:plane]) {
			return false
		}
	}
	return true
}

// onePlane returns the first of the three planes of each image.
func onePlane(pixels []uint8, plane int) []uint8 {
	grey := make([]uint8, 0, len(pixels)/3)
	for ; len(pixels) > 0; pixels = pixels[3*plane:] {
		grey = append(grey, pixels[:plane]...)
	}
	return grey
}
