using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers;

/// <summary>A token that is found in the text itself, before anything else is done to it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">What it looks like.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it counts only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it takes the white space before it.</summary>
    public bool LeftStrip { get; init; }

    /// <summary>Whether it takes the white space after it.</summary>
    public bool RightStrip { get; init; }

    /// <summary>Whether it is looked for in the normalized text rather than the original one.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether it is left out when decoding without special tokens.</summary>
    public bool Special { get; init; }

    internal static AddedToken Read(JsonFields fields)
    {
        var id = fields.Int("id");
        if (id < 0) throw fields.Error("id", "an id of at least 0");
        return new AddedToken(id, fields.String("content"))
        {
            SingleWord = fields.Bool("single_word", false),
            LeftStrip = fields.Bool("lstrip", false),
            RightStrip = fields.Bool("rstrip", false),
            Normalized = fields.Bool("normalized", true),
            Special = fields.Bool("special", false),
        };
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", Id);
        writer.WriteString("content", Content);
        writer.WriteBoolean("single_word", SingleWord);
        writer.WriteBoolean("lstrip", LeftStrip);
        writer.WriteBoolean("rstrip", RightStrip);
        writer.WriteBoolean("normalized", Normalized);
        writer.WriteBoolean("special", Special);
        writer.WriteEndObject();
    }
}
