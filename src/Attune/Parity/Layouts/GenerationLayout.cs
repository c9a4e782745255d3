using Attune.Backbones;
using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Parity.Models;

namespace Attune.Parity.Layouts;

/// <summary>
/// Written sequences: <c>runs</c> with the arguments of generate(), prompts in <c>input.input_ids</c>, and <c>output.RUN.sequences</c>, with
/// the scores of beams, or the processed scores of each step, where the reference kept them. Each run is a case of its own.
/// </summary>
/// <param name="families">The families whose models can be run.</param>
internal sealed class GenerationLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    // What the library adds where nothing else is said.
    private const int StandardLength = 20;

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("runs");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        JsonFields runs = folder.Case!.Child("runs");
        foreach (string run in runs.Keys)
        {
            yield return CaseRun.OfTensors($"{folder.Name}/{run}", folder, "generation", () => folder.Case.StringOrNull("class"), comparison =>
            {
                JsonFields arguments = runs.Child(run);
                if (GenerationConfig.Unknown(arguments) is { } unknown)
                    throw new UnknownCaseException("setting", $"generation with {unknown}");
                Model model = GoldenModel.Read(folder, families).Load();
                var standard = new GenerationOptions { MaxNewTokens = StandardLength };
                GenerationOptions saved = GenerationConfig.Read(new JsonFields(model.Config, "config.json"), standard);
                if (folder.Has(GenerationConfig.FileName))
                    saved = GenerationConfig.Load(folder.File(GenerationConfig.FileName), saved);
                GenerationOptions options = GenerationConfig.Read(arguments, saved);
                if (options.Sample)
                    throw new UnknownCaseException("setting", "generation with do_sample", "draws at random cannot be compared");
                using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
                foreach (bool useCache in (ReadOnlySpan<bool>)[true, false])
                    Compare(new TokenGenerator(model), options with { UseCache = useCache }, $"output.{run}.", tensors, comparison);
            });
        }
    }

    private static void Compare(
        TokenGenerator generator, GenerationOptions options, string prefix, GoldenTensors tensors, TensorComparison comparison)
    {
        StoredTensor expected = tensors.Get(prefix + "sequences");
        StoredTensor? beamScores = tensors.Find(prefix + "sequences_scores"), stepScores = tensors.Find(prefix + "scores");
        IReadOnlyList<GenerationPrompt> prompts = Prompts(tensors, generator.HasEncoder);
        float[] scores = stepScores?.ToFloat32() ?? [];
        int[] steps = new int[prompts.Count * options.Returns];
        void Keep(int sequence, ReadOnlySpan<float> given)
        {
            if (steps[sequence]++ is var step && stepScores is not null && step < stepScores.Shape[0])
                given.CopyTo(scores.AsSpan((step * steps.Length + sequence) * given.Length));
        }
        GeneratedSequence[] found = [.. generator.Generate(prompts, options, Keep).SelectMany(sequences => sequences)];
        comparison.CompareExactly(expected, Sequences(expected, found, generator.HasEncoder ? 1 : prompts[0].History!.Count, options.EndIds ?? generator.EndIds));
        if (beamScores is not null)
            comparison.Compare(NumberKind.Output, beamScores, new ComparedValues([found.Length], [.. found.Select(sequence => sequence.Score ?? float.NaN)]));
        if (stepScores is not null)
            comparison.Compare(NumberKind.Output, stepScores, new ComparedValues([.. stepScores.Shape], scores));
    }

    private static IReadOnlyList<GenerationPrompt> Prompts(GoldenTensors tensors, bool hasEncoder)
    {
        StoredTensor prompts = tensors.Get("input.input_ids");
        int[] ids = prompts.ToInt32(), mask = tensors.Find("input.attention_mask")?.ToInt32() ?? [.. ids.Select(_ => 1)];
        int length = prompts.Shape[1];
        return [.. Enumerable.Range(0, prompts.Shape[0]).Select(row =>
        {
            ReadOnlySpan<int> padded = ids.AsSpan(row * length, length);
            List<int> real = [], history = [];
            for (int i = 0; i < length; i++)
            {
                bool isReal = mask[row * length + i] != 0;
                if (isReal)
                    real.Add(padded[i]);
                // Padding counts for the length of what is continued, but is no token of it: the reference does not penalise it.
                history.Add(isReal || hasEncoder ? padded[i] : -1);
            }
            return new GenerationPrompt(real) { History = history };
        })];
    }

    // What stands after a row's end is filler, and what stands before the first written token is no result: both are taken from the reference.
    private static int[] Sequences(StoredTensor expected, GeneratedSequence[] found, int begun, IReadOnlyList<int> endIds)
    {
        int[] sequences = expected.ToInt32();
        int length = expected.Shape[1];
        for (int row = 0; row < Math.Min(found.Length, expected.Shape[0]); row++)
        {
            Span<int> written = sequences.AsSpan(row * length, length)[begun..];
            IReadOnlyList<int> ids = found[row].Ids;
            for (int i = 0; i < written.Length; i++)
            {
                if (i < ids.Count)
                    written[i] = ids[i];
                else if (ids.Count == 0 || !endIds.Contains(ids[^1]))
                    written[i] = -1;
            }
        }
        return sequences;
    }
}
