using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>RoBERTa's frame, <c>&lt;s&gt; A &lt;/s&gt;</c> and <c>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;</c>, all in one segment.</summary>
internal sealed class RobertaProcessing(NamedToken separator, NamedToken first, bool trimOffsets, bool addPrefixSpace) : IPostProcessor
{
    public SpecialFrame Frame { get; } = new([first.Id], [separator.Id]);

    public static RobertaProcessing Read(JsonFields fields) => new(
        NamedToken.Read(fields, "sep"), NamedToken.Read(fields, "cls"), fields.Bool("trim_offsets", true), fields.Bool("add_prefix_space", true));

    public int AddedTokens(bool isPair) => isPair ? 4 : 2;

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens)
    {
        var trimmed = sequences.Select(s => trimOffsets ? s.Select(c => OffsetTrimming.Trim(c, addPrefixSpace)) : s)
            .Select(s => s with { Columns = s.Columns.WithTypeId(0), Overflow = addSpecialTokens ? [.. s.Overflow.Select(o => o.WithTypeId(0))] : s.Overflow })
            .ToArray();
        if (!addSpecialTokens) return trimmed;
        var parts = new List<EncodingDraft>();
        for (var i = 0; i < trimmed.Length; i++)
        {
            parts.Add((i == 0 ? first : separator).ToDraft(0));
            parts.Add(trimmed[i]);
            parts.Add(separator.ToDraft(0));
        }

        return parts;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "RobertaProcessing");
        separator.Write(writer, "sep");
        first.Write(writer, "cls");
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteEndObject();
    }
}
