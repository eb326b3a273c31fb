package text

import "slices"

// builder collects the units of a derived disguise.
type builder struct {
	want []wanted
	key  []byte
}

func (b *builder) add(w wanted, class byte) { b.want, b.key = append(b.want, w), append(b.key, class) }

// derive returns a disguise with one wanted unit after the other as each chooses: to keep, drop or replace
// it.
func (d Disguise) derive(choose func(b *builder, i int, w wanted, class byte)) Disguise {
	derived := d
	b := builder{make([]wanted, 0, len(d.want)+1), make([]byte, 0, len(d.want)+1)}
	for i, w := range d.want {
		choose(&b, i, w, d.Key[i])
	}
	derived.want, derived.Key = slices.Clip(b.want), string(b.key)
	return derived
}
