using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>BERT's frame: <c>[CLS] A [SEP]</c>, <c>[CLS] A [SEP] B [SEP]</c>.</summary>
internal sealed class BertProcessing(NamedToken separator, NamedToken first) : IPostProcessor
{
    public SpecialFrame Frame { get; } = new([first.Id], [separator.Id]);

    public static BertProcessing Read(JsonFields fields) => new(NamedToken.Read(fields, "sep"), NamedToken.Read(fields, "cls"));

    public int AddedTokens(bool isPair) => isPair ? 3 : 2;

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens)
    {
        if (!addSpecialTokens) return sequences;
        var parts = new List<EncodingDraft> { first.ToDraft(0) };
        for (var i = 0; i < sequences.Count; i++)
        {
            parts.Add(sequences[i]);
            parts.Add(separator.ToDraft(Math.Min(i, 1)));
        }

        return parts;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "BertProcessing");
        separator.Write(writer, "sep");
        first.Write(writer, "cls");
        writer.WriteEndObject();
    }
}
