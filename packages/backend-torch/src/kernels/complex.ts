import type { TensorInfo } from '@hastejs/tensor';
import type { KernelSet } from './register.js';

/** Complex numbers: parts are views of every other number. */
export const complexKernels: KernelSet = (torch) => {
  const complex = torch.operator('aten::complex');
  const real = torch.operator('aten::real');
  const imaginary = torch.operator('aten::imag');
  const fft = torch.operator('aten::fft_fft');
  const inverseFft = torch.operator('aten::fft_ifft');
  return {
    Complex: (parts: Record<'real' | 'imag', TensorInfo>) =>
      torch.info(complex(torch.handle(parts.real), torch.handle(parts.imag))),
    Real: ({ input }: { input: TensorInfo }) => torch.info(real(torch.handle(input))),
    Imag: ({ input }: { input: TensorInfo }) => torch.info(imaginary(torch.handle(input))),
    // Over the last axis.
    FFT: ({ input }: { input: TensorInfo }) => torch.info(fft(torch.handle(input))),
    IFFT: ({ input }: { input: TensorInfo }) => torch.info(inverseFft(torch.handle(input))),
  };
};
