using Attune.Formats;
using Attune.Inference.Generation;
using Attune.Parity.Comparison;
using Attune.Parity.Models;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Layouts;

/// <summary>
/// Single changes of a next token's scores: <c>processors</c> with their arguments, <c>input.logits</c> and <c>input.input_ids</c>
/// to <c>output.NAME</c>; <c>chain</c> names some that apply one after another.
/// </summary>
internal sealed class LogitsProcessorLayout : ICaseLayout
{
    private const string Chain = "chain", ChainProbabilities = "chain_probs";

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Case is { } golden && golden.Has("processors");

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.OfTensors(folder, "processors", () => "generation", comparison =>
        {
            JsonFields specs = folder.Case!.Child("processors");
            using var tensors = GoldenTensors.Open(folder.File(CaseFolder.ExpectedName));
            StoredTensor logits = tensors.Get("input.logits"), ids = tensors.Get("input.input_ids");
            foreach (string name in tensors.Names("output."))
            {
                IReadOnlyList<string> applied = name is Chain or ChainProbabilities ? folder.Case.StringArray(Chain) : [name];
                float[] scores = Apply([.. applied.Select(p => Read(p, specs.Child(p)))], logits, ids);
                if (name == ChainProbabilities)
                    scores = Probabilities(scores, logits.Shape[^1]);
                comparison.Compare(NumberKind.Output, tensors.Get("output." + name), new ComparedValues([.. logits.Shape], scores));
            }
        });
    }

    private static ILogitsProcessor Read(string name, JsonFields args) => name switch
    {
        "temperature" => new Temperature((float)args.Float("temperature")),
        "top_k" => new TopK(Math.Max(args.Size("top_k"), Least(args))),
        "top_p" => new TopP((float)args.Float("top_p"), Least(args)),
        "typical_p" => new TypicalP((float)args.Float("mass"), Least(args)),
        "min_p" => new MinP((float)args.Float("min_p"), Least(args)),
        "epsilon_cutoff" => new EpsilonCutoff((float)args.Float("epsilon"), Least(args)),
        "eta_cutoff" => new EtaCutoff((float)args.Float("epsilon"), Least(args)),
        "repetition_penalty" => new RepetitionPenalty((float)args.Float("penalty")),
        "no_repeat_ngram" => new NoRepeatNgram(args.Size("ngram_size")),
        "min_length" => new MinLength(args.Int("min_length"), [args.Int("eos_token_id")]),
        _ => throw new UnknownCaseException("processor", name),
    };

    private static int Least(JsonFields args) => args.Size("min_tokens_to_keep", 1);

    private static float[] Apply(IReadOnlyList<ILogitsProcessor> processors, StoredTensor logits, StoredTensor ids)
    {
        float[] scores = logits.ToFloat32();
        int[] history = ids.ToInt32();
        int rows = logits.Shape[0];
        foreach (ILogitsProcessor processor in processors)
        {
            for (int row = 0; row < rows; row++)
                processor.Apply(Row(scores, row, rows), Row(history, row, rows));
        }
        return scores;
    }

    private static float[] Probabilities(float[] scores, int width)
    {
        var tape = new Tape();
        tape.Begin(recording: false);
        return tape.Softmax(Tensor.From([scores.Length / width, width], scores)).ToArray();
    }

    private static Span<T> Row<T>(T[] values, int row, int rows) => values.AsSpan(row * (values.Length / rows), values.Length / rows);
}
