using Attune.Formats;
using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Parity.Comparison;
using Attune.Tensors;
using Attune.Tensors.Autograd;
using Attune.Tensors.Ops;

namespace Attune.Parity.Models.Modules;

/// <summary>
/// Parts of models: rows in, rows out, the loss is their mean squared distance to a target. Gradients of the inputs are outputs; causal parts
/// are also run step by step.
/// </summary>
internal sealed class ModuleCall : IReferenceCall
{
    /// <inheritdoc/>
    public bool Serves(GoldenModel golden, Model model) => model.Backbone is GoldenModule;

    /// <inheritdoc/>
    public IPreparedCall Prepare(GoldenModel golden, Model model, CaseArguments arguments)
    {
        bool timeMajor = golden.Config.StringOrNull("layout")?.StartsWith("time", StringComparison.Ordinal) == true;
        Padded x = Padded.Read(arguments.Get("x"), arguments.Ints("padding_mask"), timeMajor);
        float[] target = x.Take(arguments.Get("target"));
        float[]? query = arguments.Find("query") is { } given ? x.Take(given) : null;
        Padded? encoder = arguments.Find("encoder_out") is { } rows ? Padded.Read(rows, arguments.Ints("encoder_padding_mask"), timeMajor) : null;
        return new Prepared(model, (GoldenModule)model.Backbone, x, target, query, encoder);
    }

    /// <summary>The real rows of a padded array of vectors.</summary>
    private sealed record Padded(PaddedRows Rows, float[] Values, int Width, bool TimeMajor)
    {
        public Shape Shape => [Rows.Segments.Rows, Width];

        public static Padded Read(StoredTensor stored, int[]? padding, bool timeMajor)
        {
            (int sequences, int length) = timeMajor ? (stored.Shape[1], stored.Shape[0]) : (stored.Shape[0], stored.Shape[1]);
            PaddedRows rows = PaddedRows.Of(sequences, length, padding is null ? null : [.. padding.Select(p => 1 - p)]);
            var padded = new Padded(rows, [], stored.Shape[2], timeMajor);
            return padded with { Values = padded.Take(stored) };
        }

        public float[] Take(StoredTensor stored)
        {
            float[] all = stored.ToFloat32();
            int width = stored.Shape[2];
            int[] cells = Rows.Rows([.. Enumerable.Range(0, Rows.Sequences * Rows.Length)])!;
            return [.. cells.SelectMany(cell =>
            {
                int row = TimeMajor ? cell % Rows.Length * Rows.Sequences + cell / Rows.Length : cell;
                return all.AsSpan(row * width, width).ToArray();
            })];
        }

        public ComparedValues Pad(Tensor rows) => TimeMajor ? Rows.Pad(rows).TimeMajor() : Rows.Pad(rows);
    }

    private sealed class Prepared(Model model, GoldenModule module, Padded x, float[] target, float[]? query, Padded? encoder) : IPreparedCall
    {
        public CallOutputs Run(Pass pass)
        {
            var inputs = new Inputs(x, query, encoder, module.IsCausal, gradients: false);
            Tensor y = module.Run(pass, inputs.Module);
            var outputs = new CallOutputs();
            outputs.SetLoss(Loss(pass.Tape, y));
            if (pass.Tape.Recording)
                return outputs;
            outputs.Add("y", () => x.Pad(y));
            if (pass.Trace is { CrossAttentions: [.., var attention] })
                outputs.Add("attn", () => x.Rows.PadAttention(attention, encoder!.Rows).MeanOfAxisOne());
            if (module.IsCausal && query is null)
                outputs.Add("incremental_y", () => x.Pad(StepByStep(pass)));
            AddInputGradients(outputs);
            return outputs;
        }

        private Tensor Loss(Tape tape, Tensor y) => tape.MeanSquaredError(y, Tensor.From(y.Shape, target));

        private Tensor StepByStep(Pass pass)
        {
            // Parts with a step-by-step case have sequences of one length.
            int sequences = x.Rows.Sequences, length = x.Rows.Length;
            var all = new Inputs(x, null, encoder, causal: true, gradients: false);
            var cache = new KeyValueCache(sequences);
            var steps = new Tensor[length];
            for (int t = 0; t < length; t++)
            {
                int[] rows = [.. Enumerable.Range(0, sequences).Select(s => s * length + t)];
                var segments = Segments.Equal(sequences, 1);
                steps[t] = module.Run(pass with { Trace = null }, all.Module with
                {
                    X = pass.Tape.GatherRows(all.Module.X, rows),
                    Context = all.Module.Context with { Segments = segments, State = cache },
                });
                cache.Advance(segments);
            }
            int[] order = [.. Enumerable.Range(0, sequences * length).Select(row => row % length * sequences + row / length)];
            return pass.Tape.GatherRows(pass.Tape.Concat(0, steps), order);
        }

        private void AddInputGradients(CallOutputs outputs)
        {
            var tape = new Tape();
            tape.Begin(recording: true);
            var inputs = new Inputs(x, query, encoder, module.IsCausal, gradients: true);
            tape.Backward(Loss(tape, module.Run(new Pass(tape), inputs.Module)));
            foreach ((_, Nn.Parameters.Parameter parameter) in model.NamedParameters())
                parameter.Value.ClearGradient();
            Add("x", inputs.Module.X, x);
            if (inputs.Module.Query is { } rows)
                Add("query", rows, x);
            if (inputs.Module.Context.Source is { } source)
                Add("encoder_out", source.Hidden, encoder!);

            void Add(string name, Tensor tensor, Padded layout)
            {
                if (tensor.Grad is { } gradient)
                    outputs.Add("grad_input." + name, () => layout.Pad(gradient));
            }
        }
    }

    private sealed class Inputs
    {
        public Inputs(Padded x, float[]? query, Padded? encoder, bool causal, bool gradients)
        {
            int rows = x.Rows.Segments.Rows;
            BackboneOutput? source = encoder is null ? null : new BackboneOutput
            {
                Hidden = Tensor.From(encoder.Shape, encoder.Values, gradients),
                Batch = new TokenBatch { Ids = new int[encoder.Rows.Segments.Rows], Segments = encoder.Rows.Segments },
            };
            Module = new ModuleInput(
                Tensor.From(x.Shape, x.Values, gradients),
                new MixerContext(x.Rows.Segments) { Causal = causal, Source = source },
                query is null ? null : Tensor.From([rows, query.Length / rows], query, gradients));
        }

        public ModuleInput Module { get; }
    }
}
