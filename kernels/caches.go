package kernels

import (
	"cmp"
	"io/fs"
	"math/bits"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/klauspost/cpuid/v2/topology"
)

// cache is a level of the caches that hold data.
type cache struct {
	size  int // bytes
	ways  int // lines of each set
	cores int // that share it
}

// waysFor returns how many ways a contiguous operand of so many bytes takes in every set.
func (c cache) waysFor(bytes int) int { return ceilDiv(bytes, c.size/c.ways) }

// caches are the first, second and last level that a core uses.
type caches struct{ l1, l2, l3 cache }

// linuxCaches is the folder in which Linux describes the caches of its first core. Where
// cores differ that is usually a small one, and what fits its caches fits the others'.
const linuxCaches = "/sys/devices/system/cpu/cpu0/cache"

// cachesOf returns the caches of the processor, from the folder linux if the processor tells
// of none, as those of arm64 do. What is unknown then is what most have: 8 ways of 32 KB,
// 8 ways of 512 KB, and 16 ways of four times the second level for each core.
func cachesOf(cpu *cpuid.CPUInfo, system *topology.System, linux fs.FS) (all caches) {
	for _, p := range system.Packages[:min(1, len(system.Packages))] {
		all.add(cpu, p.Caches)
		for _, g := range p.Groups[:min(1, len(p.Groups))] {
			all.add(cpu, g.Caches)
			for _, c := range g.Cores[:min(1, len(g.Cores))] {
				all.add(cpu, c.Caches)
			}
		}
	}
	if all == (caches{}) {
		all.add(cpu, cachesIn(linux))
	}
	all.l1.complete(cpu.Cache.L1D, 32<<10, 8)
	all.l2.complete(cpu.Cache.L2, 512<<10, 8)
	all.l3.complete(cpu.Cache.L3, 4*all.l2.size, 16)
	return all
}

func (all *caches) add(cpu *cpuid.CPUInfo, found []topology.Cache) {
	for _, c := range found {
		level := [...]*cache{1: &all.l1, 2: &all.l2, 3: &all.l3}
		if c.Type != topology.Instruction && c.Level > 0 && c.Level < len(level) {
			*level[c.Level] = cache{c.Size, c.Ways, c.SharedThreads / max(1, cpu.ThreadsPerCore)}
		}
	}
}

// cachesIn returns the caches that Linux describes in files such as index0/size.
func cachesIn(folder fs.FS) (found []topology.Cache) {
	indexes, _ := fs.Glob(folder, "index*") // none where there is no such folder
	for _, index := range indexes {
		text := func(name string) string {
			b, _ := fs.ReadFile(folder, index+"/"+name) // empty if the system does not know
			return strings.TrimSpace(string(b))
		}
		number := func(s string) int { n, _ := strconv.Atoi(s); return n }
		c := topology.Cache{
			Level: number(text("level")),
			Size:  number(strings.TrimSuffix(text("size"), "K")) << 10,
			Ways:  number(text("ways_of_associativity")),
			Type:  topology.Unified,
		}
		if text("type") == "Instruction" {
			c.Type = topology.Instruction
		}
		for _, digit := range text("shared_cpu_map") { // hexadecimal, with commas
			threads, _ := strconv.ParseUint(string(digit), 16, 4)
			c.SharedThreads += bits.OnesCount64(threads)
		}
		found = append(found, c)
	}
	return found
}

// complete sets what is unknown: the size to known or else usual bytes.
func (c *cache) complete(known, usual, ways int) {
	if c.size <= 0 {
		c.size = cmp.Or(max(known, 0), usual)
	}
	if c.ways <= 0 || c.ways > c.size/64 { // 64 bytes are a line
		c.ways = ways
	}
	c.cores = max(1, c.cores)
}
