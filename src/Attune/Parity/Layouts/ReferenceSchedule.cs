using Attune.Formats;
using Attune.Training.Schedules;

namespace Attune.Parity.Layouts;

/// <summary>The schedules under the names and arguments that the transformers library gives them.</summary>
internal static class ReferenceSchedule
{
    /// <summary>Makes the schedule of a row.</summary>
    /// <exception cref="UnknownCaseException">There is no schedule of this name.</exception>
    public static ISchedule Read(string name, JsonFields row)
    {
        JsonFields args = row.Child("args");
        double Peak() => row.Float("base_lr");
        long WarmUp() => args.Int("num_warmup_steps", 0);
        long Total() => args.Long("num_training_steps");
        return name switch
        {
            "constant" => new ConstantSchedule(Peak()),
            "constant_with_warmup" => new ConstantSchedule(Peak(), WarmUp()),
            "linear" => new LinearSchedule(Peak(), WarmUp(), Total()),
            "cosine" => new CosineSchedule(Peak(), WarmUp(), Total()) { Cycles = args.Float("num_cycles", 0.5) },
            "cosine_with_min_lr" => new CosineSchedule(Peak(), WarmUp(), Total())
            {
                Cycles = args.Float("num_cycles", 0.5),
                FloorRate = args.FloatOrNull("min_lr") ?? Peak() * args.Float("min_lr_rate", 0),
            },
            "cosine_with_restarts" => new CosineRestartsSchedule(Peak(), WarmUp(), Total(), args.Size("num_cycles", 1)),
            "polynomial" => new PolynomialSchedule(Peak(), WarmUp(), Total(), args.Float("lr_end", 1e-7), args.Float("power", 1)),
            "inverse_sqrt" => new InverseSquareRootSchedule(Peak(), WarmUp(), args.IntOrNull("timescale")),
            "noam" => new NoamSchedule(args.Size("d_model"), args.Size("warmup_steps"), args.Float("factor", 1)),
            _ => throw new UnknownCaseException("schedule", name),
        };
    }
}
