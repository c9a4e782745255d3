using System.Text.Json;
using Attune.Backbones.Folders;
using Attune.Formats;
using Attune.Parity.Vectors;

namespace Attune.Parity.Layouts;

/// <summary>
/// Files of vectors, each a case of its own: a list of objects, or an object with <c>cases</c>, a <c>trainer</c> or nothing but such
/// lists. Those that no kind recognises are named, so that they are not taken for something that passed.
/// </summary>
internal sealed class VectorFilesLayout : ICaseLayout
{
    private static readonly IReadOnlyList<IVectorKind> Kinds =
    [
        new TrainingVectors(), new MaskingVectors(), new UnitMaskingVectors(), new SpanMaskingVectors(), new SpanCorruptionVectors(),
        new DenoisingVectors(), new SentenceOrderVectors(),
        new PermutationVectors(), new PredictionContextVectors(), new ReplacedTokenVectors(), new ListOpsVectors(),
    ];

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = JsonLimits.MaxDepth };

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) =>
        !folder.Has(ModelFolder.ConfigName) && folder.Files.Any(file => file.EndsWith(".json", StringComparison.Ordinal));

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        foreach (string file in folder.Files.Where(f => f.EndsWith(".json", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using JsonDocument? document = Parse(folder.File(file));
            if (document is null || !IsVectors(document.RootElement))
                continue;
            string name = $"{folder.Name}/{file}", title = Path.GetFileNameWithoutExtension(file);
            if (Kinds.FirstOrDefault(kind => kind.Recognises(document.RootElement)) is not { } found)
                yield return CaseRun.Of(name, "vectors", _ => throw new UnknownCaseException("kind of vectors", title));
            else
                yield return CaseRun.OfLines(name, "vectors", found.Subject, tally => found.Run(document.RootElement, folder, tally));
        }
    }

    private static bool IsVectors(JsonElement root) => root.ValueKind switch
    {
        JsonValueKind.Array => root.FirstHas(),
        JsonValueKind.Object => root.TryGetProperty("cases", out _) || root.TryGetProperty("trainer", out _)
            || root.EnumerateObject().Any() && root.EnumerateObject().All(field => field.Value.FirstHas()),
        _ => false,
    };

    private static JsonDocument? Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(BoundedFile.ReadAllBytes(path, JsonLimits.MaxConfigBytes, "a file of vectors"), Options);
        }
        catch (Exception e) when (e is JsonException or AttuneFormatException)
        {
            // Not JSON, so not vectors either; files that a case needs are read, and complained of, by its own layout.
            return null;
        }
    }
}
