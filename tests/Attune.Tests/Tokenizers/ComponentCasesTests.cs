using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Parity.Tokenizers;
using Attune.Tokenizers.Components;
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
        var component = ComponentCase.Read(line.GetProperty("kind").GetString()!, new JsonFields(spec, "components.jsonl"));

        var failures = new List<string>();
        foreach (var pair in line.GetProperty("cases").EnumerateArray())
        {
            if (component.Difference(pair) is { } difference) failures.Add($"{pair[0].GetRawText()}: {difference}");
        }

        Assert.True(failures.Count == 0, $"{line.GetProperty("spec").GetRawText()}: {failures.Count} cases differ:\n{string.Join('\n', failures.Take(6))}");
        AssertWritten(component.Component, spec);
    }

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
}
