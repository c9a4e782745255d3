using System.Text.Json;
using System.Text.Json.Nodes;
using Attune.Formats;
using Attune.Parity.Tokenizers;

namespace Attune.Parity.Layouts;

/// <summary>Single normalizers, pre-tokenizers and decoders: <c>components.jsonl</c>. Each input counts as a line.</summary>
internal sealed class TokenizerComponentLayout : ICaseLayout
{
    private const string ComponentsName = "components.jsonl";
    private const string CharacterMap = "precompiled_charsmap";
    private const string Elsewhere = "the one in ";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Has(ComponentsName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        string path = folder.File(ComponentsName);
        yield return CaseRun.OfLines($"{folder.Name}/{ComponentsName}", "components", null, tally =>
            VectorFile.CountLines(path, tally, line =>
            {
                JsonFields spec = JsonFields.Parse(System.Text.Encoding.UTF8.GetBytes(line.GetProperty("spec").GetRawText()), path);
                FindCharacterMaps(spec.Node, folder);
                ComponentCase component = ComponentCase.Read(line.GetProperty("kind").GetString()!, spec);
                string? first = null;
                foreach (JsonElement pair in line.GetProperty("cases").EnumerateArray())
                {
                    string? mistake = component.Difference(pair);
                    first ??= mistake is null ? null : $"{line.GetProperty("spec").GetProperty("type")}, {pair[0].GetRawText()}: {mistake}";
                }
                return first;
            }));
    }

    // A table of characters is long; a line may say in which tokenizer's file it stands.
    private static void FindCharacterMaps(JsonObject spec, CaseFolder folder)
    {
        if (spec[CharacterMap] is JsonValue value && value.TryGetValue(out string? text) && text.StartsWith(Elsewhere, StringComparison.Ordinal))
        {
            JsonFields file = JsonFields.Load(folder.File(text[Elsewhere.Length..]));
            spec[CharacterMap] = file.Child("normalizer").String(CharacterMap);
        }
        if (spec["normalizers"] is JsonArray members)
        {
            foreach (JsonObject member in members.OfType<JsonObject>())
                FindCharacterMaps(member, folder);
        }
    }
}
