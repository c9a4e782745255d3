using System.Text;
using System.Text.Json;
using Attune.Formats;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;

namespace Attune.Parity.Tokenizers;

/// <summary>A single normalizer, pre-tokenizer or decoder, run on the inputs of a line of <c>components.jsonl</c>.</summary>
internal sealed class ComponentCase
{
    private readonly Func<JsonElement, string> _run;
    private readonly Func<JsonElement, string> _show;

    private ComponentCase(IComponent component, Func<JsonElement, string> run, Func<JsonElement, string> show) =>
        (Component, _run, _show) = (component, run, show);

    /// <summary>The component.</summary>
    public IComponent Component { get; }

    /// <summary>Reads a component.</summary>
    /// <param name="kind">The stage it belongs to.</param>
    /// <param name="spec">Its object, as in <c>tokenizer.json</c>.</param>
    /// <exception cref="AttuneFormatException">The stage or component is not known, or a field is wrong.</exception>
    public static ComponentCase Read(string kind, JsonFields spec)
    {
        switch (kind)
        {
            case "normalizer":
                INormalizer normalizer = NormalizerTable.All.Read(spec);
                return new ComponentCase(normalizer, input => Normalize(normalizer, input), Text);
            case "pre_tokenizer":
                IPreTokenizer preTokenizer = PreTokenizerTable.All.Read(spec);
                return new ComponentCase(preTokenizer, input => PreTokenize(preTokenizer, input), Pieces);
            case "decoder":
                IDecoder decoder = DecoderTable.All.Read(spec);
                return new ComponentCase(decoder, input => Decode(decoder, input), Text);
            default:
                throw new AttuneFormatException(spec.Path, "kind", $"'{kind}'", "normalizer, pre_tokenizer or decoder");
        }
    }

    /// <summary>What differs from the reference for a pair of input and output; null if nothing.</summary>
    public string? Difference(JsonElement pair)
    {
        string found = _run(pair[0]), expected = _show(pair[1]);
        return found == expected ? null : $"{Printable(found)} instead of {Printable(expected)}";
    }

    private static string Text(JsonElement output) => output.GetString()!;

    private static string Pieces(JsonElement output) =>
        string.Join(' ', output.EnumerateArray().Select(p => Piece(p[0].GetString()!, p[1][0].GetInt32(), p[1][1].GetInt32())));

    private static string Piece(ReadOnlySpan<char> text, int start, int end) => $"[{text} {start}-{end}]";

    // Both ways of the component: with and without the offsets, which the fast path does not track.
    private static string Normalize(INormalizer normalizer, JsonElement input)
    {
        string Run(bool tracksOffsets)
        {
            var text = new NormalizedText(tracksOffsets);
            text.Load(input.GetString()!);
            normalizer.Normalize(text);
            return text.Chars.ToString();
        }
        string tracked = Run(true), plain = Run(false);
        return tracked == plain ? tracked : $"{tracked} with offsets, {plain} without";
    }

    private static string PreTokenize(IPreTokenizer preTokenizer, JsonElement input)
    {
        var text = new PreTokenizedText(tracksOffsets: true);
        text.Load(input.GetString()!);
        preTokenizer.PreTokenize(text);
        List<string> pieces = [];
        foreach (var piece in text.Pieces)
            pieces.Add(Piece(text.Text.Chars.Slice(piece.Start, piece.Length), piece.Original.Start, piece.Original.End));
        return string.Join(' ', pieces);
    }

    private static string Decode(IDecoder decoder, JsonElement input)
    {
        List<string> tokens = [.. input.EnumerateArray().Select(token => token.GetString()!)];
        decoder.Decode(tokens);
        return string.Concat(tokens);
    }

    private static string Printable(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text)
            shown.Append(c is >= ' ' and <= '~' ? c.ToString() : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"));
        return shown.ToString();
    }
}
