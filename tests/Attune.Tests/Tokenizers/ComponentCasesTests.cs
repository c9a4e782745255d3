using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Tokenizers.Components;
using Attune.Tokenizers.Decoders;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.PreTokenizers;
using Attune.Tokenizers.Text;
using Xunit;

namespace Attune.Tests.Tokenizers;

/// <summary>Single normalizers, pre-tokenizers and decoders against the reference, and their files written as they were read.</summary>
public sealed class ComponentCasesTests
{
    public static TheoryData<int> Components => [.. Enumerable.Range(0, TokenizerGoldens.Lines("components.jsonl").Count())];

    [Theory]
    [MemberData(nameof(Components))]
    public void A_component_does_what_the_reference_does(int index)
    {
        var line = TokenizerGoldens.Lines("components.jsonl").ElementAt(index);
        var spec = JsonNode.Parse(line.GetProperty("spec").GetRawText())!.AsObject();
        FillCharacterMap(spec);
        var fields = new JsonFields(spec, "components.jsonl");
        var kind = line.GetProperty("kind").GetString();
        IComponent component;
        Func<JsonElement, string> run;
        switch (kind)
        {
            case "normalizer":
                var normalizer = NormalizerTable.All.Read(fields);
                (component, run) = (normalizer, input => Normalize(normalizer, input.GetString()!));
                break;
            case "pre_tokenizer":
                var preTokenizer = PreTokenizerTable.All.Read(fields);
                (component, run) = (preTokenizer, input => PreTokenize(preTokenizer, input.GetString()!));
                break;
            default:
                var decoder = DecoderTable.All.Read(fields);
                (component, run) = (decoder, input => Decode(decoder, input));
                break;
        }

        var failures = new List<string>();
        foreach (var pair in line.GetProperty("cases").EnumerateArray())
        {
            var expected = kind == "pre_tokenizer"
                ? string.Join(' ', pair[1].EnumerateArray().Select(p => $"[{p[0].GetString()} {p[1][0].GetInt32()}-{p[1][1].GetInt32()}]"))
                : pair[1].GetString()!;
            var found = run(pair[0]);
            if (found != expected) failures.Add($"{pair[0].GetRawText()}: {Show(found)} instead of {Show(expected)}");
        }

        Assert.True(failures.Count == 0, $"{line.GetProperty("spec").GetRawText()}: {failures.Count} cases differ:\n{string.Join('\n', failures.Take(6))}");
        AssertWritten(component, spec);
    }

    private static string Show(string text) => string.Join("", text.Select(c => c is >= ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:X4}"));

    private static void AssertWritten(IComponent component, JsonObject spec)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) component.Write(writer);
        var written = JsonNode.Parse(System.Text.Encoding.UTF8.GetString(stream.ToArray()));
        Assert.True(JsonNode.DeepEquals(spec, written), $"{spec.ToJsonString()[..Math.Min(200, spec.ToJsonString().Length)]} was written differently");
    }

    private static void FillCharacterMap(JsonNode? node)
    {
        if (node is JsonObject { } spec && spec.ContainsKey("precompiled_charsmap") && spec["precompiled_charsmap"]!.GetValue<string>().Contains(' '))
        {
            using var document = JsonDocument.Parse(TokenizerGoldens.Bytes("t5-unigram/tokenizer.json"));
            spec["precompiled_charsmap"] = document.RootElement.GetProperty("normalizer").GetProperty("precompiled_charsmap").GetString();
        }

        if (node is JsonObject parent && parent["normalizers"] is JsonArray members)
        {
            foreach (var member in members) FillCharacterMap(member);
        }
    }

    private static string Normalize(INormalizer normalizer, string input)
    {
        var text = new NormalizedText(tracksOffsets: true);
        text.Load(input);
        normalizer.Normalize(text);
        var plain = new NormalizedText(tracksOffsets: false);
        plain.Load(input);
        normalizer.Normalize(plain);
        Assert.Equal(text.Chars.ToString(), plain.Chars.ToString());
        return text.Chars.ToString();
    }

    private static string PreTokenize(IPreTokenizer preTokenizer, string input)
    {
        var text = new PreTokenizedText(tracksOffsets: true);
        text.Load(input);
        preTokenizer.PreTokenize(text);
        var builder = new StringBuilder();
        foreach (var piece in text.Pieces) builder.Append($"{(builder.Length > 0 ? " " : "")}[{text.Text.Chars.Slice(piece.Start, piece.Length)} {piece.Original.Start}-{piece.Original.End}]");
        return builder.ToString();
    }

    private static string Decode(IDecoder decoder, JsonElement input)
    {
        var tokens = input.EnumerateArray().Select(t => t.GetString()!).ToList();
        decoder.Decode(tokens);
        return string.Concat(tokens);
    }
}
