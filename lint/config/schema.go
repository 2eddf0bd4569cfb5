package config

// schemaURL is where editors get the schema of the newest kubevet.
const schemaURL = "https://raw.githubusercontent.com/kubevet/kubevet/main/docs/config.schema.json"

// schema is the part of JSON Schema (2020-12) that shapes are described with.
type schema struct {
	Schema               string             `json:"$schema,omitempty"`
	ID                   string             `json:"$id,omitempty"`
	Title                string             `json:"title,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 any                `json:"type,omitempty"` // a string, or several
	Enum                 []string           `json:"enum,omitempty"`
	Pattern              string             `json:"pattern,omitempty"`
	Format               string             `json:"format,omitempty"`
	MinLength            int                `json:"minLength,omitempty"`
	MinItems             int                `json:"minItems,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	AnyOf                []*schema          `json:"anyOf,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	PropertyNames        *schema            `json:"propertyNames,omitempty"`
	AdditionalProperties any                `json:"additionalProperties,omitempty"` // false, or a *schema
	Default              any                `json:"default,omitempty"`

	// order is that of Properties.
	order []preset
}

// preset is a key and its default as YAML, which may be empty.
type preset struct{ key, value string }
