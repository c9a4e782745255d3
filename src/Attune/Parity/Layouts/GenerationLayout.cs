using Attune.Backbones;
using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Nn.Contracts;
using Attune.Parity.Comparison;
using Attune.Parity.Models;

namespace Attune.Parity.Layouts;

/// <summary>
/// Continued sequences: <c>runs</c> with their settings, prompts in <c>input.input_ids</c>, and <c>output.RUN.sequences</c>, with the
/// processed scores of each step where the reference kept them. Each run is a case of its own.
/// </summary>
/// <param name="families">The families whose models can be run.</param>
internal sealed class GenerationLayout(IReadOnlyList<IFamily> families) : ICaseLayout
{
    private static readonly string[] Known =
    [
        "max_new_tokens", "eos_token_id", "pad_token_id", "do_sample", "no_repeat_ngram_size", "repetition_penalty", "min_length",
    ];

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
                JsonFields settings = runs.Child(run);
                if (settings.Keys.FirstOrDefault(key => !Known.Contains(key)) is { } unknown)
                    throw new UnknownCaseException("setting", $"generation with {unknown}");
                if (settings.Bool("do_sample", false))
                    throw new UnknownCaseException("setting", "generation with do_sample", "draws at random cannot be compared");
                Model model = GoldenModel.Read(folder, families).Load();
                if (!model.HasHead(HeadKind.CausalLm))
                    throw new UnknownCaseException("generation of a model", folder.Case.String("class"));
                using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
                foreach (bool useCache in (ReadOnlySpan<bool>)[true, false])
                    Compare(new TokenGenerator(model), Options(settings) with { UseCache = useCache }, $"output.{run}.", tensors, comparison);
            });
        }
    }

    private static GenerationOptions Options(JsonFields settings) => new()
    {
        MaxNewTokens = settings.Size("max_new_tokens"),
        EndIds = settings.IntOrNull("eos_token_id") is { } end ? [end] : [],
        NoRepeatNgram = settings.IntOrNull("no_repeat_ngram_size"),
        RepetitionPenalty = (float)settings.Float("repetition_penalty", 1),
        MinLength = settings.Int("min_length", 0),
    };

    private static void Compare(
        TokenGenerator generator, GenerationOptions options, string prefix, GoldenTensors tensors, TensorComparison comparison)
    {
        StoredTensor prompts = tensors.Get("input.input_ids"), expected = tensors.Get(prefix + "sequences");
        StoredTensor? expectedScores = tensors.Find(prefix + "scores");
        int rows = prompts.Shape[0], promptLength = prompts.Shape[1], length = expected.Shape[1];
        int[] ids = prompts.ToInt32(), mask = tensors.Find("input.attention_mask")?.ToInt32() ?? [.. ids.Select(_ => 1)];
        // What stands after a row's end is filler and is taken from the reference.
        int[] sequences = expected.ToInt32();
        float[] scores = expectedScores?.ToFloat32() ?? [];
        for (int row = 0; row < rows; row++)
        {
            int[] padded = ids[(row * promptLength)..((row + 1) * promptLength)];
            padded.CopyTo(sequences, row * length);
            // Padding counts for the length of a sequence but is no token of it: the reference does not penalise it either.
            int[] history = [.. padded.Select((id, i) => mask[row * promptLength + i] != 0 ? id : -1)];
            int[] prompt = [.. history.Where(id => id >= 0)];
            int step = 0;
            void Keep(ReadOnlySpan<float> given)
            {
                if (expectedScores is not null && step < expectedScores.Shape[0])
                    given.CopyTo(scores.AsSpan((step * rows + row) * given.Length));
            }
            foreach (int id in generator.Generate(prompt, options, history, Keep))
            {
                if (promptLength + step < length)
                    sequences[row * length + promptLength + step] = id;
                step++;
            }
        }
        comparison.CompareExactly(expected, sequences);
        if (expectedScores is not null)
            comparison.Compare(NumberKind.Output, expectedScores, new ComparedValues([.. expectedScores.Shape], scores));
    }
}
