using Attune.Backbones;
using Attune.Formats;
using Attune.Inference;
using Attune.Parity.Comparison;
using Attune.Parity.Models;

namespace Attune.Parity.Layouts;

/// <summary>
/// Sentence embeddings of a real model: <c>sentences.json</c> (texts, their ids, tolerances) and the vectors in
/// <c>expected.safetensors</c>; the model stands in the folder above.
/// </summary>
/// <param name="families">The families whose models can be run.</param>
internal sealed class SentenceEmbeddingLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    private const string SentencesName = "sentences.json";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Has(SentencesName) && folder.Has(CaseFolder.ExpectedName);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.Of(folder.Name, "embeddings", result =>
        {
            JsonFields golden = JsonFields.Load(folder.File(SentencesName));
            string[] texts = [.. golden.Children("sentences").Select(sentence => sentence.String("text"))];
            SentenceEmbedder embedder = SentenceEmbedder.Open(Path.GetDirectoryName(folder.Path)!, families);
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            var comparison = new TensorComparison(Tolerances.OfOutputs(golden.Child("tolerance").Float("embeddings")));

            float[] vectors = new float[texts.Length * embedder.Width];
            embedder.Embed(texts, vectors);
            comparison.Compare(NumberKind.Output, tensors.Get("embeddings"), new ComparedValues([texts.Length, embedder.Width], vectors));
            return comparison.Into(result);
        });
    }
}
