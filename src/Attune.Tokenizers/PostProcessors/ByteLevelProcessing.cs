using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Trims offsets of byte-level tokens and adds nothing.</summary>
internal sealed class ByteLevelProcessing(bool addPrefixSpace, bool trimOffsets, bool useRegex) : IPostProcessor
{
    public SpecialFrame Frame => SpecialFrame.None;

    public static ByteLevelProcessing Read(JsonFields fields) =>
        new(fields.Bool("add_prefix_space", true), fields.Bool("trim_offsets", true), fields.Bool("use_regex", true));

    public int AddedTokens(bool isPair) => 0;

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens) =>
        trimOffsets ? [.. sequences.Select(s => s.Select(c => OffsetTrimming.Trim(c, addPrefixSpace)))] : sequences;

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "ByteLevel");
        writer.WriteBoolean("add_prefix_space", addPrefixSpace);
        writer.WriteBoolean("trim_offsets", trimOffsets);
        writer.WriteBoolean("use_regex", useRegex);
        writer.WriteEndObject();
    }
}
