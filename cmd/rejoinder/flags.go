package main

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// positiveInt is an optional flag; its number is 0 if omitted. It rejects an explicit 0, which would look
// omitted.
type positiveInt struct{ n *int }

// errPositiveInt names the range of versions in the database.
var errPositiveInt = fmt.Errorf("must be a whole number from 1 to %d", math.MaxInt32)

// Set implements pflag.Value.
func (f positiveInt) Set(typed string) error {
	n, err := strconv.ParseInt(typed, 10, 32)
	if err != nil || n < 1 {
		return errPositiveInt
	}
	*f.n = int(n)
	return nil
}

// String implements pflag.Value.
func (f positiveInt) String() string {
	if f.n == nil {
		return "0"
	}
	return strconv.Itoa(*f.n)
}

// Type implements pflag.Value.
func (positiveInt) Type() string { return "int" }

// flagValues describes the values of each type of flag.
var flagValues = map[string]string{
	"bool": "must be true or false", "float64": "must be a number",
	"int": "must be a whole number", "uint64": "must be a whole number from 0 on",
}

// wrongValue describes an invalid flag value in our words instead of strconv's.
func wrongValue(err error) error {
	var invalid *pflag.InvalidValueError
	var number *strconv.NumError
	if !errors.As(err, &invalid) {
		return err
	}
	flag, value, why := invalid.GetFlag(), invalid.GetValue(), errors.Unwrap(invalid)
	if says := flagValues[flag.Value.Type()]; says != "" && errors.As(err, &number) {
		if errors.Is(number, strconv.ErrRange) {
			return fmt.Errorf("--%s %s is too large", flag.Name, value)
		}
		why = errors.New(says)
	}
	return fmt.Errorf("--%s %w, not %q", flag.Name, why, value)
}

// parseNetworks reads addresses and networks, separated by commas.
func parseNetworks(v string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if address, err := netip.ParseAddr(part); err == nil {
			prefixes = append(prefixes, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", part)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}
