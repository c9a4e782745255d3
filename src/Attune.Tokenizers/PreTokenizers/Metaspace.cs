using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>Where a visible space is put before a text.</summary>
internal enum PrependScheme
{
    /// <summary>Before the text's beginning only.</summary>
    First,

    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Before every piece.</summary>
    Always,
}

/// <summary>The settings of the visible-space stage, which serves as pre-tokenizer and as decoder.</summary>
/// <param name="Replacement">What stands for a space.</param>
/// <param name="Scheme">Where one is put before a text.</param>
/// <param name="Split">Whether texts are cut before each.</param>
internal sealed record Metaspace(Rune Replacement, PrependScheme Scheme, bool Split)
{
    /// <summary>Reads the settings, older forms included.</summary>
    public static Metaspace Read(JsonFields fields)
    {
        var scheme = fields.String("prepend_scheme", "always") switch
        {
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            "always" => PrependScheme.Always,
            _ => throw fields.Error("prepend_scheme", "first, never or always"),
        };
        if (!fields.Bool("add_prefix_space", true))
        {
            if (fields.Has("prepend_scheme") && scheme != PrependScheme.Never) throw fields.Error("prepend_scheme", "never, as add_prefix_space is false");
            scheme = PrependScheme.Never;
        }

        return new Metaspace(fields.ReadRune("replacement"), scheme, fields.Bool("split", true));
    }

    /// <summary>Writes the settings as an object.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "Metaspace");
        writer.WriteString("replacement", Replacement.ToString());
        writer.WriteString("prepend_scheme", Scheme switch
        {
            PrependScheme.First => "first",
            PrependScheme.Never => "never",
            _ => "always",
        });
        writer.WriteBoolean("split", Split);
        writer.WriteEndObject();
    }
}
