using System.Text.Json;
using Attune.Formats;

namespace Attune.Tokenizers.PostProcessors;

/// <summary>Puts sequences and special tokens in the order that a template gives, one for single texts and one for pairs.</summary>
internal sealed class TemplateProcessing : IPostProcessor
{
    private readonly TemplatePart[] _single;
    private readonly TemplatePart[] _pair;
    private readonly Dictionary<string, TemplateToken> _tokens;

    /// <summary>Makes the processor.</summary>
    /// <param name="single">The template for single texts.</param>
    /// <param name="pair">The template for pairs.</param>
    /// <param name="tokens">What the templates' special tokens stand for.</param>
    public TemplateProcessing(TemplatePart[] single, TemplatePart[] pair, Dictionary<string, TemplateToken> tokens)
    {
        (_single, _pair, _tokens) = (single, pair, tokens);
        Frame = MakeFrame();
    }

    public SpecialFrame? Frame { get; }

    public static TemplateProcessing Read(JsonFields fields)
    {
        var tokens = new Dictionary<string, TemplateToken>();
        if (fields.ChildOrNull("special_tokens") is { } special)
        {
            foreach (var name in special.Keys) tokens[name] = TemplateToken.Read(special.Child(name));
        }

        var single = TemplatePart.ReadAll(fields, "single", tokens);
        var pair = TemplatePart.ReadAll(fields, "pair", tokens);
        if (single.Any(p => p.Sequence == 1)) throw fields.Error("single", "a template with the first sequence only");
        return new TemplateProcessing(single, pair, tokens);
    }

    public int AddedTokens(bool isPair) => (isPair ? _pair : _single).Sum(p => p.TokenName is { } name ? _tokens[name].Ids.Length : 0);

    public IReadOnlyList<EncodingDraft> Process(IReadOnlyList<EncodingDraft> sequences, bool addSpecialTokens)
    {
        var parts = new List<EncodingDraft>();
        foreach (var part in sequences.Count == 1 ? _single : _pair)
        {
            if (part.TokenName is { } name)
            {
                if (addSpecialTokens) parts.Add(new EncodingDraft(EncodingColumns.Marks(_tokens[name].Ids, _tokens[name].Tokens, part.TypeId, attention: true)));
                continue;
            }

            var sequence = sequences[part.Sequence];
            parts.Add(sequence with { Columns = sequence.Columns.WithTypeId(part.TypeId) });
        }

        return parts;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", "TemplateProcessing");
        TemplatePart.WriteAll(writer, "single", _single);
        TemplatePart.WriteAll(writer, "pair", _pair);
        writer.WriteStartObject("special_tokens");
        foreach (var (name, token) in _tokens.OrderBy(t => t.Key, StringComparer.Ordinal)) token.Write(writer, name);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private SpecialFrame? MakeFrame()
    {
        var at = Array.FindIndex(_single, p => p.TokenName is null);
        if (at < 0 || _single.Count(p => p.TokenName is null) > 1) return null;
        return new SpecialFrame(Ids(_single[..at]), Ids(_single[(at + 1)..]));

        int[] Ids(TemplatePart[] parts) => [.. parts.SelectMany(p => _tokens[p.TokenName!].Ids)];
    }
}
